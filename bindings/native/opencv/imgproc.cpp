// Image processing and drawing.
#include "shim.hpp"

#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>
#include <vector>

API resize(Input src, cv::Mat* dst, Size2 size, double fx, double fy, int interpolation) {
    return guarded([&] { cv::resize(src, *dst, size, fx, fy, interpolation); });
}
API cvt_color(Input src, cv::Mat* dst, int code, int channels) { return guarded([&] { cv::cvtColor(src, *dst, code, channels); }); }
API apply_color_map(Input src, cv::Mat* dst, int map) { return guarded([&] { cv::applyColorMap(src, *dst, map); }); }
API apply_user_color_map(Input src, cv::Mat* dst, Input map) { return guarded([&] { cv::applyColorMap(src, *dst, map); }); }
API threshold(Input src, cv::Mat* dst, double level, double max, int type, double* out) {
    return guarded([&] { *out = cv::threshold(src, *dst, level, max, type); });
}
API gaussian_blur(Input src, cv::Mat* dst, Size2 kernel, double sigmaX, double sigmaY, int border) {
    return guarded([&] { cv::GaussianBlur(src, *dst, kernel, sigmaX, sigmaY, border); });
}
API blur(Input src, cv::Mat* dst, Size2 kernel, Point2 anchor, int border) {
    return guarded([&] { cv::blur(src, *dst, kernel, anchor, border); });
}
API dilate(Input src, cv::Mat* dst, Input element, Point2 anchor, int iterations, int border, Scalar4 value) {
    return guarded([&] { cv::dilate(src, *dst, element, anchor, iterations, border, value); });
}
API erode(Input src, cv::Mat* dst, Input element, Point2 anchor, int iterations, int border, Scalar4 value) {
    return guarded([&] { cv::erode(src, *dst, element, anchor, iterations, border, value); });
}
API structuring_element(int shape, Size2 size, Point2 anchor, cv::Mat* out) {
    return guarded([&] { *out = cv::getStructuringElement(shape, size, anchor); });
}
API connected_components(Input image, cv::Mat* labels, cv::Mat* stats, cv::Mat* centroids, int connectivity, int type, int* out) {
    return guarded([&] { *out = cv::connectedComponentsWithStats(image, *labels, *stats, *centroids, connectivity, type); });
}
API warp_affine(Input src, cv::Mat* dst, Input matrix, Size2 size, int flags, int border, Scalar4 value) {
    return guarded([&] { cv::warpAffine(src, *dst, matrix, size, flags, border, value); });
}
API rotation_matrix(Point2F centre, double angle, double scale, cv::Mat* out) {
    return guarded([&] { *out = cv::getRotationMatrix2D(centre, angle, scale); });
}
API optical_flow_farneback(Input prev, Input next, cv::Mat* flow, double pyrScale, int levels, int window, int iterations,
                           int polyN, double polySigma, int flags) {
    return guarded([&] { cv::calcOpticalFlowFarneback(prev, next, *flow, pyrScale, levels, window, iterations, polyN, polySigma, flags); });
}

API rectangle_points(cv::Mat* img, Point2 a, Point2 b, Scalar4 colour, int thickness, int line, int shift) {
    return guarded([&] { cv::rectangle(*img, cv::Point(a), cv::Point(b), colour, thickness, line, shift); });
}
API rectangle_rect(cv::Mat* img, Rect4 rect, Scalar4 colour, int thickness, int line, int shift) {
    return guarded([&] { cv::rectangle(*img, cv::Rect(rect), colour, thickness, line, shift); });
}
API line(cv::Mat* img, Point2 a, Point2 b, Scalar4 colour, int thickness, int type, int shift) {
    return guarded([&] { cv::line(*img, a, b, colour, thickness, type, shift); });
}
API circle(cv::Mat* img, Point2 centre, int radius, Scalar4 colour, int thickness, int line, int shift) {
    return guarded([&] { cv::circle(*img, centre, radius, colour, thickness, line, shift); });
}
API ellipse(cv::Mat* img, Point2 centre, Size2 axes, double angle, double from, double to, Scalar4 colour, int thickness, int line, int shift) {
    return guarded([&] { cv::ellipse(*img, centre, axes, angle, from, to, colour, thickness, line, shift); });
}

// Several polygons arrive as one run of points and the length of each.
static std::vector<const cv::Point*> starts(const cv::Point* points, const int* counts, int polygons) {
    std::vector<const cv::Point*> list;
    for (int i = 0; i < polygons; points += counts[i++]) list.push_back(points);
    return list;
}
API fill_polygons(cv::Mat* img, const cv::Point* points, const int* counts, int polygons, Scalar4 colour, int line, int shift, Point2 offset) {
    return guarded([&] {
        auto list = starts(points, counts, polygons);
        cv::fillPoly(*img, list.data(), counts, polygons, colour, line, shift, offset);
    });
}
API draw_polylines(cv::Mat* img, const cv::Point* points, const int* counts, int polygons, int closed, Scalar4 colour, int thickness,
                   int line, int shift) {
    return guarded([&] {
        auto list = starts(points, counts, polygons);
        cv::polylines(*img, list.data(), counts, polygons, closed != 0, colour, thickness, line, shift);
    });
}
API fill_polygon(cv::Mat* img, Input points, Scalar4 colour, int line, int shift, Point2 offset) {
    return guarded([&] { cv::fillPoly(*img, points, colour, line, shift, offset); });
}
API draw_polyline(cv::Mat* img, Input points, int closed, Scalar4 colour, int thickness, int line, int shift) {
    return guarded([&] { cv::polylines(*img, points, closed != 0, colour, thickness, line, shift); });
}
API put_text(cv::Mat* img, const char* text, Point2 at, int font, double scale, Scalar4 colour, int thickness, int line, int bottomLeft) {
    return guarded([&] { cv::putText(*img, text, at, font, scale, colour, thickness, line, bottomLeft != 0); });
}
API text_size(const char* text, int font, double scale, int thickness, int* baseLine, Size2* out) {
    return guarded([&] {
        auto size = cv::getTextSize(text, font, scale, thickness, baseLine);
        *out = {size.width, size.height};
    });
}
