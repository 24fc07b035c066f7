// Two-dimensional convolution by definition: what the exercises on convolutions compare with. One
// output at a time, in long double, with the padded input spelled out as a function that is zero
// outside of x. No solution was in sight, and none may include it.
//
// `Options` is any struct with stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w and
// groups.
#pragma once

#include <cmath>
#include <kata/tensor.hpp>
#include <vector>

namespace oracle::conv2d {

using Eigen::Index;
using kata::Shape;
using Input = kata::TensorView<const float>;

/// One output, and the same sum over absolute values: what rounding errors are proportional to.
struct Output {
  long double value = 0;
  long double magnitude = 0;
};

/// The number at row h and column w of the input as if it went on in zeros for ever.
inline long double padded(Input x, Index n, Index c, Index h, Index w) {
  const bool inside = 0 <= h && h < x.h() && 0 <= w && w < x.w();
  return inside ? static_cast<long double>(x(n, c, h, w)) : 0.0L;
}

/// Output (n, k, oh, ow). `bias` is the number to add: 0 where there is none.
template <class Options>
Output output(Input x, Input weight, float bias, const Options& options, Index n, Index k, Index oh,
              Index ow) {
  const Index group = k / (weight.n() / options.groups);
  Output out{bias, std::fabs(static_cast<long double>(bias))};
  for (Index c = 0; c < weight.c(); ++c)
    for (Index i = 0; i < weight.h(); ++i)
      for (Index j = 0; j < weight.w(); ++j) {
        const Index h = oh * options.stride_h + i * options.dilation_h - options.padding_h;
        const Index w = ow * options.stride_w + j * options.dilation_w - options.padding_w;
        const long double product = padded(x, n, group * weight.c() + c, h, w) * weight(k, c, i, j);
        out.value += product;
        out.magnitude += std::fabs(product);
      }
  return out;
}

/// The number of window positions along one axis, by counting: the window starts at -padding, and
/// the last one ends at or before the last padded row.
inline Index positions(Index size, Index kernel, Index stride, Index padding, Index dilation) {
  Index count = 0;
  const Index last = size + padding - 1;
  for (Index start = -padding; start + dilation * (kernel - 1) <= last; start += stride) ++count;
  return count;
}

template <class Options>
Shape output_shape(Shape x, Shape weight, const Options& o) {
  return {x.n, weight.n, positions(x.h, weight.h, o.stride_h, o.padding_h, o.dilation_h),
          positions(x.w, weight.w, o.stride_w, o.padding_w, o.dilation_w)};
}

/// Half a unit in the last place of 1: the largest relative error of one float operation.
inline constexpr double kRoundoff = 0x1p-24;

/// The error that an honest sum in float may have: a sum of t products and a bias, in any order, is
/// off by (t + 1) u magnitude at most, up to second order (Higham, "Accuracy and Stability of
/// Numerical Algorithms", 2002, section 3.1); one more u covers the second order.
inline double error_bound(Shape weight, long double magnitude) {
  const auto terms = static_cast<double>(weight.c * weight.h * weight.w);
  return (terms + 2) * kRoundoff * static_cast<double>(magnitude);
}

/// All outputs, in NCHW order, with the error that each may have.
struct Forward {
  Shape shape;
  std::vector<long double> y;
  std::vector<double> bound;
};

/// `bias` is empty where there is none.
template <class Options>
Forward forward(Input x, Input weight, const std::vector<float>& bias, const Options& options) {
  Forward f{output_shape(x.shape(), weight.shape(), options), {}, {}};
  for (Index n = 0; n < f.shape.n; ++n)
    for (Index k = 0; k < f.shape.c; ++k)
      for (Index oh = 0; oh < f.shape.h; ++oh)
        for (Index ow = 0; ow < f.shape.w; ++ow) {
          const float b = bias.empty() ? 0.0f : bias[static_cast<std::size_t>(k)];
          const Output out = output(x, weight, b, options, n, k, oh, ow);
          f.y.push_back(out.value);
          f.bound.push_back(error_bound(weight.shape(), out.magnitude));
        }
  return f;
}

}  // namespace oracle::conv2d
