// Matrices, arithmetic and errors.
#include "shim.hpp"

#include <opencv2/core/utility.hpp>
#include <vector>

const Error* report(int code, const char* function, const char* message, const char* file, int line) noexcept {
    // One per thread, valid until the next error on that thread: the caller copies it at once.
    thread_local std::string texts[3];
    thread_local Error error;
    try {
        texts[0] = function, texts[1] = message, texts[2] = file;
        error = {code, line, texts[0].c_str(), texts[1].c_str(), texts[2].c_str()};
    } catch (...) {
        error = {cv::Error::StsNoMem, 0, "", "out of memory", ""};
    }
    return &error;
}

struct MatInfo { void* data; int64_t step, total, elemSize; int rows, cols, dims, type, continuous; };

API mat_new(cv::Mat** out) { return guarded([&] { *out = new cv::Mat(); }); }
API mat_delete(cv::Mat* m) { return guarded([&] { delete m; }); }
API mat_create(cv::Mat* m, int rows, int cols, int type) { return guarded([&] { m->create(rows, cols, type); }); }
API mat_wrap(cv::Mat* m, int rows, int cols, int type, void* data, int64_t step) {
    return guarded([&] { *m = cv::Mat(rows, cols, type, data, static_cast<size_t>(step)); });
}
API mat_view(cv::Mat* m, cv::Mat* of, Rect4 roi) { return guarded([&] { *m = cv::Mat(*of, roi); }); }
API mat_clone(cv::Mat* m, cv::Mat* out) { return guarded([&] { *out = m->clone(); }); }
API mat_copy_to(cv::Mat* m, cv::Mat* dst, Input mask) {
    return guarded([&] { if (mask.kind == Input::None) m->copyTo(*dst); else m->copyTo(*dst, mask); });
}
API mat_convert_to(cv::Mat* m, cv::Mat* dst, int type, double alpha, double beta) {
    return guarded([&] { m->convertTo(*dst, type, alpha, beta); });
}
API mat_set_to(cv::Mat* m, Input value, Input mask) { return guarded([&] { m->setTo(value, mask); }); }
API mat_reshape(cv::Mat* m, cv::Mat* out, int channels, int rows) { return guarded([&] { *out = m->reshape(channels, rows); }); }
// Called without leaving the runtime's cooperative mode: must stay trivial.
extern "C" __attribute__((visibility("default"))) void mat_info(const cv::Mat* m, MatInfo* info) {
    *info = {m->data, static_cast<int64_t>(m->step[0]), static_cast<int64_t>(m->total()), static_cast<int64_t>(m->elemSize()),
             m->rows, m->cols, m->dims, m->type(), m->isContinuous()};
}

API absdiff(Input a, Input b, cv::Mat* dst) { return guarded([&] { cv::absdiff(a, b, *dst); }); }
API add(Input a, Input b, cv::Mat* dst, Input mask, int type) { return guarded([&] { cv::add(a, b, *dst, mask, type); }); }
API subtract(Input a, Input b, cv::Mat* dst, Input mask, int type) { return guarded([&] { cv::subtract(a, b, *dst, mask, type); }); }
API multiply(Input a, Input b, cv::Mat* dst, double scale, int type) { return guarded([&] { cv::multiply(a, b, *dst, scale, type); }); }
API divide(Input a, Input b, cv::Mat* dst, double scale, int type) { return guarded([&] { cv::divide(a, b, *dst, scale, type); }); }
API divide_into(double scale, Input b, cv::Mat* dst, int type) { return guarded([&] { cv::divide(scale, b, *dst, type); }); }
API add_weighted(Input a, double alpha, Input b, double beta, double gamma, cv::Mat* dst, int type) {
    return guarded([&] { cv::addWeighted(a, alpha, b, beta, gamma, *dst, type); });
}
API max_of(Input a, Input b, cv::Mat* dst) { return guarded([&] { cv::max(cv::_InputArray(a), cv::_InputArray(b), cv::_OutputArray(*dst)); }); }
API min_of(Input a, Input b, cv::Mat* dst) { return guarded([&] { cv::min(cv::_InputArray(a), cv::_InputArray(b), cv::_OutputArray(*dst)); }); }
API sqrt_of(Input src, cv::Mat* dst) { return guarded([&] { cv::sqrt(src, *dst); }); }
API pow_of(Input src, double power, cv::Mat* dst) { return guarded([&] { cv::pow(src, power, *dst); }); }
API bitwise_and(Input a, Input b, cv::Mat* dst, Input mask) { return guarded([&] { cv::bitwise_and(a, b, *dst, mask); }); }
API bitwise_or(Input a, Input b, cv::Mat* dst, Input mask) { return guarded([&] { cv::bitwise_or(a, b, *dst, mask); }); }
API bitwise_xor(Input a, Input b, cv::Mat* dst, Input mask) { return guarded([&] { cv::bitwise_xor(a, b, *dst, mask); }); }
API bitwise_not(Input src, cv::Mat* dst, Input mask) { return guarded([&] { cv::bitwise_not(src, *dst, mask); }); }

API min_max_loc(Input src, double* min, double* max, Point2* minAt, Point2* maxAt, Input mask) {
    return guarded([&] {
        cv::Point a, b;
        cv::minMaxLoc(src, min, max, &a, &b, mask);
        *minAt = {a.x, a.y}, *maxAt = {b.x, b.y};
    });
}
API min_max_value(Input src, double* min, double* max) { return guarded([&] { cv::minMaxIdx(src, min, max); }); }
API mean(Input src, Input mask, Scalar4* out) { return guarded([&] { *out = cv::mean(src, mask); }); }
API sum(Input src, Scalar4* out) { return guarded([&] { *out = cv::sum(src); }); }
API normalize(Input src, cv::Mat* dst, double alpha, double beta, int norm, int type, Input mask) {
    return guarded([&] { cv::normalize(src, *dst, alpha, beta, norm, type, mask); });
}
API flip(Input src, cv::Mat* dst, int code) { return guarded([&] { cv::flip(src, *dst, code); }); }
API transpose(Input src, cv::Mat* dst) { return guarded([&] { cv::transpose(src, *dst); }); }
API merge(cv::Mat** planes, int count, cv::Mat* dst) {
    return guarded([&] {
        std::vector<cv::Mat> list;
        for (int i = 0; i < count; i++) list.push_back(*planes[i]);
        cv::merge(list, *dst);
    });
}
API split(cv::Mat* src, cv::Mat** planes) {
    return guarded([&] {
        std::vector<cv::Mat> list;
        cv::split(*src, list);
        for (size_t i = 0; i < list.size(); i++) *planes[i] = list[i];
    });
}
API copy_make_border(Input src, cv::Mat* dst, int top, int bottom, int left, int right, int border, Scalar4 value) {
    return guarded([&] { cv::copyMakeBorder(src, *dst, top, bottom, left, right, border, value); });
}

API version_string(const char** out) {
    static const std::string text = cv::getVersionString();
    *out = text.c_str();
    return nullptr;
}
API build_information(const char** out) { return guarded([&] { *out = cv::getBuildInformation().c_str(); }); }
API set_num_threads(int count) { return guarded([&] { cv::setNumThreads(count); }); }
API get_num_threads(int* out) { return guarded([&] { *out = cv::getNumThreads(); }); }
