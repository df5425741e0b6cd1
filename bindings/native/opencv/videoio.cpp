// Cameras and video files.
#include "shim.hpp"

#include <opencv2/videoio.hpp>
#include <vector>

API capture_new(cv::VideoCapture** out) { return guarded([&] { *out = new cv::VideoCapture(); }); }
API capture_delete(cv::VideoCapture* c) { return guarded([&] { delete c; }); }
API capture_open_camera(cv::VideoCapture* c, int index, int api, const int* params, int count, int* done) {
    return guarded([&] { *done = c->open(index, api, std::vector<int>(params, params + count)); });
}
API capture_open_file(cv::VideoCapture* c, const char* file, int api, const int* params, int count, int* done) {
    return guarded([&] { *done = c->open(file, api, std::vector<int>(params, params + count)); });
}
API capture_is_opened(cv::VideoCapture* c, int* out) { return guarded([&] { *out = c->isOpened(); }); }
API capture_release(cv::VideoCapture* c) { return guarded([&] { c->release(); }); }
API capture_grab(cv::VideoCapture* c, int* done) { return guarded([&] { *done = c->grab(); }); }
API capture_retrieve(cv::VideoCapture* c, cv::Mat* image, int flag, int* done) {
    return guarded([&] { *done = c->retrieve(*image, flag); });
}
API capture_read(cv::VideoCapture* c, cv::Mat* image, int* done) { return guarded([&] { *done = c->read(*image); }); }
API capture_get(cv::VideoCapture* c, int property, double* out) { return guarded([&] { *out = c->get(property); }); }
API capture_set(cv::VideoCapture* c, int property, double value, int* done) { return guarded([&] { *done = c->set(property, value); }); }
API capture_backend(cv::VideoCapture* c, const char** out) {
    return guarded([&] {
        thread_local std::string name;
        name = c->getBackendName();
        *out = name.c_str();
    });
}
