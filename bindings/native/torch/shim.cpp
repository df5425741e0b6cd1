// libtorch behind a C interface. Nearly everything goes through one door, `op_call`: the dispatcher finds an operator by name, its schema says how to read the
// arguments, and it runs boxed. The rest is what is no operator: handles, gradients, modes, random numbers, threads.
// A handle is a TensorImpl with one reference of its own; null is the undefined tensor. Every function that can fail returns null or a message.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// In step with Interop/Native.cs.
enum Tag : int32_t { Default, None, TensorTag, Int, Double, Bool, IntList, DoubleList, BoolList, TensorList, String, GeneratorTag, DeviceTag };

struct Value {
    Tag tag;
    int32_t count;
    union {
        int64_t i;
        double d;
        const void* p;
    };
};

thread_local std::string message;
thread_local std::vector<void*> handles;

template <class F>
const char* guarded(F&& body) {
    try {
        body();
        return nullptr;
    } catch (const c10::Error& e) {
        message = e.what_without_backtrace();
    } catch (const std::exception& e) {
        message = e.what();
    } catch (...) {
        message = "unknown error in libtorch";
    }
    return message.c_str();
}

at::Tensor borrow(const void* handle) {
    if (!handle) return {};
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(static_cast<c10::TensorImpl*>(const_cast<void*>(handle))));
}

void* release(at::Tensor tensor) { return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr; }

std::vector<at::Tensor> borrow_all(const void* list, int64_t count) {
    auto items = static_cast<void* const*>(list);
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int64_t k = 0; k < count; k++) tensors.push_back(borrow(items[k]));
    return tensors;
}

template <class T>
c10::List<T> list_of(const Value& v) {
    c10::List<T> list;
    list.reserve(v.count);
    // Bools and integers both travel as 64 bits.
    if constexpr (std::is_same_v<T, double>) for (int k = 0; k < v.count; k++) list.push_back(static_cast<const double*>(v.p)[k]);
    else for (int k = 0; k < v.count; k++) list.push_back(static_cast<T>(static_cast<const int64_t*>(v.p)[k]));
    return list;
}

const c10::Type& unwrap(const c10::Type& type) {
    return type.kind() == c10::TypeKind::OptionalType ? *type.castRaw<c10::OptionalType>()->getElementType() : type;
}

c10::IValue to_ivalue(const Value& v, const c10::Type& declared) {
    const auto& type = unwrap(declared);
    switch (v.tag) {
        case TensorTag: return borrow(v.p);
        case Int: return type.kind() == c10::TypeKind::FloatType ? c10::IValue(static_cast<double>(v.i)) : c10::IValue(v.i);
        case Double: return v.d;
        case Bool: return v.i != 0;
        case IntList: return list_of<int64_t>(v);
        case DoubleList: return list_of<double>(v);
        case BoolList: return list_of<bool>(v);
        case TensorList: {
            auto tensors = borrow_all(v.p, v.count);
            if (type.castRaw<c10::ListType>()->getElementType()->kind() != c10::TypeKind::OptionalType) return c10::List<at::Tensor>(std::move(tensors));
            c10::List<c10::optional<at::Tensor>> list;
            for (auto& t : tensors) list.push_back(t.defined() ? c10::optional<at::Tensor>(t) : c10::nullopt);
            return list;
        }
        case String: return std::string(static_cast<const char*>(v.p), v.count);
        case GeneratorTag: return *static_cast<const at::Generator*>(v.p);
        case DeviceTag: return c10::Device(static_cast<c10::DeviceType>(v.i), static_cast<c10::DeviceIndex>(v.count));
        default: return {};
    }
}

Value from_ivalue(c10::IValue&& v) {
    Value out{None, 0, {0}};
    if (v.isTensor()) {
        out.tag = TensorTag;
        out.p = release(std::move(v).toTensor());
    } else if (v.isInt()) {
        out.tag = Int;
        out.i = v.toInt();
    } else if (v.isDouble()) {
        out.tag = Double;
        out.d = v.toDouble();
    } else if (v.isBool()) {
        out.tag = Bool;
        out.i = v.toBool();
    } else if (v.isTensorList()) {
        handles.clear();
        for (auto& t : v.toTensorVector()) handles.push_back(release(t));
        out.tag = TensorList;
        out.count = static_cast<int32_t>(handles.size());
        out.p = handles.data();
    } else if (!v.isNone()) {
        throw std::runtime_error("an operator's result of type " + v.tagKind() + " is not supported");
    }
    return out;
}

}  // namespace

#define API extern "C" __attribute__((visibility("default")))

API const char* op_find(const char* name, const char* overload, void** op) {
    return guarded([&] { *op = new c10::OperatorHandle(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload)); });
}

// Arguments that are not given, or given as Default, take the schema's default. `results` has room for `room` values; more than that are dropped.
API const char* op_call(const void* op, const Value* args, int count, Value* results, int room) {
    return guarded([&] {
        const auto& handle = *static_cast<const c10::OperatorHandle*>(op);
        const auto& schema = handle.schema();
        torch::jit::Stack stack;
        stack.reserve(schema.arguments().size());
        int at = 0;
        for (const auto& argument : schema.arguments()) {
            if (at < count && args[at].tag != Default) stack.push_back(to_ivalue(args[at], *argument.type()));
            else if (argument.default_value()) stack.push_back(*argument.default_value());
            else throw std::runtime_error(schema.name() + ": the argument " + argument.name() + " is missing");
            at++;
        }
        handle.callBoxed(stack);
        for (int k = 0; k < room && k < static_cast<int>(stack.size()); k++) results[k] = from_ivalue(std::move(stack[k]));
    });
}

struct Info {
    const int64_t *sizes, *strides;
    void* data;
    int64_t dims, numel, element_size;
    int32_t dtype, device, index, flags;
};

// Reads fields only: neither waits nor fails. `data` is null where there is no storage to point into.
API void tensor_info(const void* handle, Info* info) {
    auto impl = static_cast<const c10::TensorImpl*>(handle);
    const auto device = impl->device();
    info->sizes = impl->sizes().data();
    info->strides = impl->strides().data();
    info->data = impl->has_storage() && impl->numel() > 0 ? impl->data() : nullptr;
    info->dims = impl->dim();
    info->numel = impl->numel();
    info->element_size = static_cast<int64_t>(impl->itemsize());
    info->dtype = static_cast<int32_t>(c10::typeMetaToScalarType(impl->dtype()));
    info->device = static_cast<int32_t>(device.type());
    info->index = device.index();
    info->flags = (impl->requires_grad() ? 1 : 0) | (impl->is_contiguous() ? 2 : 0) | (impl->is_contiguous(c10::MemoryFormat::ChannelsLast) ? 4 : 0);
}

API void tensor_release(void* handle) {
    c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(static_cast<c10::TensorImpl*>(handle));
}

// Another handle on the same tensor.
API void* tensor_share(void* handle) { return release(borrow(handle)); }

API const char* tensor_set_requires_grad(void* handle, int on) {
    return guarded([&] { borrow(handle).set_requires_grad(on != 0); });
}

API const char* tensor_is_leaf(void* handle, int* leaf) {
    return guarded([&] {
        const auto tensor = borrow(handle);
        *leaf = (tensor.is_leaf() ? 1 : 0) | (tensor.requires_grad() ? 2 : 0);
    });
}

API const char* tensor_retain_grad(void* handle) {
    return guarded([&] { borrow(handle).retain_grad(); });
}

API const char* tensor_grad(void* handle, void** grad) {
    return guarded([&] { *grad = release(borrow(handle).grad()); });
}

API const char* tensor_set_grad(void* handle, void* grad) {
    return guarded([&] { borrow(handle).mutable_grad() = borrow(grad); });
}

API const char* autograd_backward(void* const* tensors, int count, void* const* grads, int grad_count, int retain, int create, void* const* inputs, int input_count) {
    return guarded([&] {
        torch::autograd::backward(borrow_all(tensors, count), borrow_all(grads, grad_count), retain != 0, create != 0, borrow_all(inputs, input_count));
    });
}

API const char* autograd_grad(void* const* outputs, int count, void* const* inputs, int input_count, void* const* grads, int grad_count, int retain, int create, int unused, void** results) {
    return guarded([&] {
        auto found = torch::autograd::grad(borrow_all(outputs, count), borrow_all(inputs, input_count), borrow_all(grads, grad_count), retain != 0, create != 0, unused != 0);
        for (size_t k = 0; k < found.size(); k++) results[k] = release(found[k]);
    });
}

API int grad_enabled() { return at::GradMode::is_enabled(); }
API void set_grad_enabled(int on) { at::GradMode::set_enabled(on != 0); }
API int inference_enabled() { return c10::InferenceMode::is_enabled(); }
API void* inference_enter(int on) { return new c10::InferenceMode(on != 0); }
API void inference_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

API const char* generator_new(int64_t seed, void** generator) {
    return guarded([&] { *generator = new at::Generator(at::detail::createCPUGenerator(static_cast<uint64_t>(seed))); });
}
API const char* generator_default(void** generator) {
    return guarded([&] { *generator = new at::Generator(at::detail::getDefaultCPUGenerator()); });
}
API void generator_delete(void* generator) { delete static_cast<at::Generator*>(generator); }
API const char* generator_seed(void* generator, int64_t seed) {
    return guarded([&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        g.set_current_seed(static_cast<uint64_t>(seed));
    });
}
API const char* generator_reseed(void* generator, int64_t* seed) {
    return guarded([&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        *seed = static_cast<int64_t>(g.seed());
    });
}
API int64_t generator_initial_seed(void* generator) { return static_cast<int64_t>(static_cast<at::Generator*>(generator)->current_seed()); }
API const char* generator_state(void* generator, void** state) {
    return guarded([&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        *state = release(g.get_state());
    });
}
API const char* generator_set_state(void* generator, void* state) {
    return guarded([&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        g.set_state(borrow(state));
    });
}
API const char* manual_seed(int64_t seed) {
    return guarded([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

API const char* set_threads(int count) {
    return guarded([&] { at::set_num_threads(count); });
}
API int get_threads() { return at::get_num_threads(); }
API const char* set_interop_threads(int count) {
    return guarded([&] { at::set_num_interop_threads(count); });
}
API int get_interop_threads() { return at::get_num_interop_threads(); }
