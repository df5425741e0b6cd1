// Image files, encoded images and windows.
#include "shim.hpp"

#include <cstdlib>
#include <opencv2/highgui.hpp>
#include <opencv2/imgcodecs.hpp>
#include <vector>

static std::vector<int> list(const int* values, int count) { return {values, values + count}; }

// The bytes stay valid until the thread's next call: the caller copies them at once, and the buffer keeps its size.
API im_encode(const char* ext, Input img, const int* params, int count, const uchar** bytes, int64_t* length, int* done) {
    return guarded([&] {
        thread_local std::vector<uchar> buffer;
        *done = cv::imencode(ext, img, buffer, list(params, count));
        *bytes = buffer.data(), *length = static_cast<int64_t>(buffer.size());
    });
}
API im_decode(const uchar* bytes, int length, int flags, cv::Mat* out) {
    return guarded([&] { *out = cv::imdecode(cv::Mat(1, length, CV_8U, const_cast<uchar*>(bytes)), flags); });
}
API im_decode_array(Input bytes, int flags, cv::Mat* out) { return guarded([&] { *out = cv::imdecode(bytes, flags); }); }
API im_read(const char* file, int flags, cv::Mat* out) { return guarded([&] { *out = cv::imread(file, flags); }); }
API im_write(const char* file, cv::Mat* img, const int* params, int count, int* done) {
    return guarded([&] { *done = cv::imwrite(file, *img, list(params, count)); });
}

// Debian's highgui draws with Qt, which ends the process where it finds no display: ask before it does.
static void needDisplay() {
    if (!std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY") && !std::getenv("QT_QPA_PLATFORM"))
        CV_Error(cv::Error::StsError, "no display for a window: neither DISPLAY nor WAYLAND_DISPLAY is set");
}

API im_show(const char* window, cv::Mat* img) { return guarded([&] { needDisplay(), cv::imshow(window, *img); }); }
API named_window(const char* window, int flags) { return guarded([&] { needDisplay(), cv::namedWindow(window, flags); }); }
API wait_key(int delay, int* out) { return guarded([&] { *out = cv::waitKey(delay); }); }
API destroy_all_windows() { return guarded([&] { cv::destroyAllWindows(); }); }
