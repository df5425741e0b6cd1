using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A part of a network: its parameters, buffers and sub-modules by name, in the order in which they were registered.</summary>
        public partial class Module : IDisposable
        {
            private readonly Ordered<Parameter> parametersByName = [];
            private readonly Ordered<(Tensor Tensor, bool Persistent)> buffersByName = [];
            private readonly Ordered<Module> modulesByName = [];
            private bool registered, inTraining = true;

            protected string? name;

            protected Module(string name) => this.name = name;

            public virtual bool training => inTraining;
            public virtual string GetName() => name ?? GetType().Name;

            public virtual void train(bool train = true)
            {
                inTraining = train;
                foreach (var (_, module) in named_children())
                {
                    module.train(train);
                }
            }

            public virtual void eval() => train(false);

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var (_, parameter) in named_parameters())
                {
                    using var gradient = parameter.grad;
                    if (gradient is not null && set_to_none)
                    {
                        parameter.grad = null;
                    }
                    else
                    {
                        gradient?.zero_();
                    }
                }
            }

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, module) in modulesByName)
                {
                    module.apply(fn);
                }
                fn(this);
                return this;
            }

            public virtual IEnumerable<(string name, Module module)> named_children() => modulesByName;
            public virtual IEnumerable<Module> children() => named_children().Select(static c => c.module);

            public virtual IEnumerable<(string name, Module module)> named_modules() =>
                [.. named_children(), .. named_children().SelectMany(static c => c.module.named_modules().Select(m => ($"{c.name}.{m.name}", m.module)))];

            public virtual IEnumerable<Module> modules() => named_modules().Select(static m => m.module);

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                IEnumerable<(string name, Parameter parameter)> own = parametersByName;
                return recurse ? Distinct(own.Concat(named_children().SelectMany(static c => c.module.named_parameters().Select(p => ($"{c.name}.{p.name}", p.parameter))))) : Distinct(own);
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(static p => p.parameter);

            /// <summary>The persistent ones, whatever <paramref name="include_nonpersistent"/> says: so does the real package.</summary>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var own = buffersByName.Where(static b => b.Value.Persistent).Select(static b => (b.Name, b.Value.Tensor));
                return recurse
                    ? Distinct(own.Concat(named_children().SelectMany(c => c.module.named_buffers(true, include_nonpersistent).Select(b => ($"{c.name}.{b.name}", b.buffer)))))
                    : Distinct(own);
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) => named_buffers(recurse, include_nonpersistent).Select(static b => b.buffer);

            private static IEnumerable<(string, T)> Distinct<T>(IEnumerable<(string Name, T Tensor)> all) where T : Tensor
            {
                HashSet<nint> seen = [];
                return [.. all.Where(a => !a.Tensor.IsInvalid && seen.Add(a.Tensor.Handle))];
            }

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;
            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            public virtual Parameter? get_parameter(string target) =>
                parametersByName.TryGet(target, out var own) ? own : Below(target) is var (module, rest) ? module.get_parameter(rest) : null;

            public virtual Tensor? get_buffer(string target) =>
                buffersByName.TryGet(target, out var own) ? own.Tensor : Below(target) is var (module, rest) ? module.get_buffer(rest) : null;

            private (Module, string)? Below(string target)
            {
                var dot = target.IndexOf('.', StringComparison.Ordinal);
                return dot > 0 && named_children().FirstOrDefault(c => c.name == target[..dot]).module is { } module ? (module, target[(dot + 1)..]) : null;
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                {
                    throw new ArgumentNullException(nameof(tensor), "A null tensor cannot be registered as a buffer.");
                }
                if (!buffersByName.TryAdd(name, (tensor, persistent)))
                {
                    throw new InvalidOperationException($"Tensor {name} is already registered.");
                }
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                {
                    throw new ArgumentNullException(nameof(param), "A null tensor cannot be registered as a parameter.");
                }
                if (!parametersByName.TryAdd(name, param))
                {
                    throw new InvalidOperationException($"Parameter {name} is already registered.");
                }
            }

            public void add_module(string name, Module module) => register_module(name, module);

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                {
                    modulesByName.Remove(name);
                    return;
                }
                if (string.IsNullOrEmpty(name) || name.Contains('.', StringComparison.Ordinal))
                {
                    throw new ArgumentException($"module name can't be empty or contain \".\", got: {name}");
                }
                if (!modulesByName.TryAdd(name, submodule))
                {
                    throw new InvalidOperationException($"Sub-module {name} is already registered.");
                }
                submodule.RegisterComponents();
            }

            protected void ConditionallyRegisterParameter(string name, Parameter? value) => parametersByName.Set(name, value);

            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                if (value is null)
                {
                    buffersByName.Remove(name);
                }
                else
                {
                    buffersByName.Set(name, (value, persistent));
                }
            }

            /// <summary>Registers what the fields hold, under their names: call it at the end of a constructor.</summary>
            protected virtual void RegisterComponents()
            {
                if (registered)
                {
                    return;
                }
                registered = true;
                HashSet<string> seen = [];
                for (var type = GetType(); type is not null && type != typeof(Module); type = type.BaseType)
                {
                    foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                    {
                        var component = field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
                        if (!seen.Add(field.Name) || parametersByName.Has(component) || buffersByName.Has(component) || modulesByName.Has(component))
                        {
                            continue;
                        }
                        switch (field.GetValue(this))
                        {
                            case Module module:
                                register_module(component, module);
                                break;
                            case Parameter parameter:
                                register_parameter(component, parameter);
                                break;
                            case Tensor buffer:
                                register_buffer(component, buffer);
                                break;
                        }
                    }
                }
            }

            /// <summary>Changes type and device in place: the objects stay the same, so an optimizer made before goes on with them.</summary>
            internal Module Move(Device? device, ScalarType? dtype)
            {
                if (dtype is { } type && !type.IsFloatingPoint())
                {
                    throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={type}");
                }
                using var ungraded = no_grad();
                foreach (var tensor in named_parameters().Select(static p => (Tensor)p.parameter).Concat(buffers()))
                {
                    tensor.Become(tensor.is_floating_point() ? dtype : null, device);
                }
                return this;
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                {
                    return;
                }
                foreach (var (_, buffer) in buffersByName)
                {
                    buffer.Tensor.Dispose();
                }
                foreach (var (_, parameter) in parametersByName)
                {
                    parameter.Dispose();
                }
                foreach (var (_, module) in modulesByName)
                {
                    module.Dispose();
                }
            }
        }

        public interface IModule<T, TResult>
        {
            TResult call(T input1);
        }

        public interface IModule<T1, T2, TResult>
        {
            TResult call(T1 input1, T2 input2);
        }

        public interface IModule<T1, T2, T3, TResult>
        {
            TResult call(T1 input1, T2 input2, T3 input3);
        }

        public abstract class Module<T, TResult> : Module, IModule<T, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T input);
            public TResult call(T input) => forward(input);
        }

        public abstract class Module<T1, T2, TResult> : Module, IModule<T1, T2, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2);
            public TResult call(T1 input1, T2 input2) => forward(input1, input2);
        }

        public abstract class Module<T1, T2, T3, TResult> : Module, IModule<T1, T2, T3, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3);
            public TResult call(T1 input1, T2 input2, T3 input3) => forward(input1, input2, input3);
        }
    }
}

public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(null, type);
    public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(device, type);
    public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(device, null);
    public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(new torch.Device(deviceType, deviceIndex), null);
    public static T to<T>(this T module, string device, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(new torch.Device(device), null);
    public static T cpu<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(torch.CPU, null);
    public static T @float<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(null, torch.ScalarType.Float32);
    public static T @double<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(null, torch.ScalarType.Float64);
    public static T bfloat16<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(null, torch.ScalarType.BFloat16);
    public static T half<T>(this T module, bool non_blocking = false) where T : torch.nn.Module => (T)module.Move(null, torch.ScalarType.Float16);
}
