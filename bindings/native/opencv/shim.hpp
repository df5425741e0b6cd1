// The C face of OpenCV 4.6 that bindings/OpenCvSharp4 calls. One function per OpenCV call, plain data only,
// and no exception crosses it: every function returns null, or what went wrong.
#pragma once

#include <exception>
#include <opencv2/core.hpp>

#define API extern "C" __attribute__((visibility("default"))) const Error*

struct Size2 { int width, height; operator cv::Size() const { return {width, height}; } };
struct Point2 { int x, y; operator cv::Point() const { return {x, y}; } };
struct Point2F { float x, y; operator cv::Point2f() const { return {x, y}; } };
struct Rect4 { int x, y, width, height; operator cv::Rect() const { return {x, y, width, height}; } };
struct Scalar4 {
    double v[4];
    operator cv::Scalar() const { return {v[0], v[1], v[2], v[3]}; }
    Scalar4& operator=(const cv::Scalar& s) { for (int i = 0; i < 4; i++) v[i] = s[i]; return *this; }
};

// What an InputArray holds: nothing, a matrix, a colour or a number. OpenCV treats the last two differently from
// a matrix of the same shape, so the kind travels along. The values must outlive the call: pass it by value.
struct Input {
    enum Kind : int { None, Matrix, Colour, Number };
    cv::Mat* mat;
    Kind kind;
    Scalar4 value;
    operator cv::_InputArray() const {
        switch (kind) {
            case Matrix: return *mat;
            case Colour: return *reinterpret_cast<const cv::Matx<double, 4, 1>*>(value.v);
            case Number: return value.v[0];
            default: return {};
        }
    }
};

struct Error { int code, line; const char *function, *message, *file; };

const Error* report(int code, const char* function, const char* message, const char* file, int line) noexcept;

template <class Body> const Error* guarded(Body&& body) noexcept {
    try {
        body();
        return nullptr;
    } catch (const cv::Exception& e) {
        return report(e.code, e.func.c_str(), e.err.c_str(), e.file.c_str(), e.line);
    } catch (const std::exception& e) {
        return report(cv::Error::StsError, "", e.what(), "", 0);
    } catch (...) {
        return report(cv::Error::StsError, "", "unknown native exception", "", 0);
    }
}
