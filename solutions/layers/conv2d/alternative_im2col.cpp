// The windows of a sample as the columns of a matrix; the rest is one matrix product a group. What
// most engineers would write, and what Caffe did: the matrix is kh kw times larger than the input.
#include <stdexcept>

#include "layers/conv2d/conv2d.hpp"

namespace layers::conv2d {
namespace {

using kata::Index;
using Matrix = kata::Matrixf;

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

Index windows(Index size, Index kernel, Index stride, Index padding, Index dilation) {
  const Index extent = dilation * (kernel - 1) + 1;
  require(extent <= size + 2 * padding, "weight: the kernel is larger than the padded input");
  return (size + 2 * padding - extent) / stride + 1;
}

void check(kata::TensorView<const float> x, kata::TensorView<const float> weight,
           kata::In<kata::Vectorf> bias, const Conv2dOptions& o, kata::TensorView<float> y) {
  require(o.stride_h > 0, "stride_h must be positive");
  require(o.stride_w > 0, "stride_w must be positive");
  require(o.padding_h >= 0, "padding_h must not be negative");
  require(o.padding_w >= 0, "padding_w must not be negative");
  require(o.dilation_h > 0, "dilation_h must be positive");
  require(o.dilation_w > 0, "dilation_w must be positive");
  require(o.groups > 0 && x.c() % o.groups == 0 && weight.n() % o.groups == 0,
          "groups must divide both numbers of channels");
  require(weight.c() * o.groups == x.c(), "weight must have c_in / groups channels");
  require(bias.size() == 0 || bias.size() == weight.n(), "bias must have c_out numbers or none");
  const Index h = windows(x.h(), weight.h(), o.stride_h, o.padding_h, o.dilation_h);
  const Index w = windows(x.w(), weight.w(), o.stride_w, o.padding_w, o.dilation_w);
  require(y.shape() == kata::Shape{x.n(), weight.n(), h, w}, "y has the wrong shape");
}

// Row (c, i, j), column (oh, ow): what tap (c, i, j) of the window at (oh, ow) sees.
void im2col(const float* channels, Index rows, Index columns, kata::Shape weight,
            kata::Shape output, const Conv2dOptions& o, Matrix& to) {
  float* at = to.data();
  for (Index c = 0; c < weight.c; ++c) {
    const float* const plane = channels + c * rows * columns;
    for (Index i = 0; i < weight.h; ++i)
      for (Index j = 0; j < weight.w; ++j)
        for (Index oh = 0; oh < output.h; ++oh) {
          const Index h = oh * o.stride_h - o.padding_h + i * o.dilation_h;
          const bool row_inside = h >= 0 && h < rows;
          for (Index ow = 0; ow < output.w; ++ow) {
            const Index w = ow * o.stride_w - o.padding_w + j * o.dilation_w;
            *at++ = row_inside && w >= 0 && w < columns ? plane[h * columns + w] : 0.0f;
          }
        }
  }
}

}  // namespace

void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    kata::In<kata::Vectorf> bias, const Conv2dOptions& options,
                    kata::TensorView<float> y) {
  check(x, weight, bias, options, y);
  const Index outputs = weight.n() / options.groups;
  const Index taps = weight.c() * weight.h() * weight.w();
  const Index pixels = y.h() * y.w();
  Matrix columns(taps, pixels);
  const Eigen::Map<const Matrix> weights(weight.data(), weight.n(), taps);

  for (Index n = 0; n < x.n(); ++n) {
    auto result = y.sample(n);
    for (Index g = 0; g < options.groups; ++g) {
      const float* const channels = x.data() + (n * x.c() + g * weight.c()) * x.h() * x.w();
      im2col(channels, x.h(), x.w(), weight.shape(), y.shape(), options, columns);
      result.middleRows(g * outputs, outputs).noalias() =
          weights.middleRows(g * outputs, outputs) * columns;
    }
    if (bias.size() != 0) result.colwise() += bias;
  }
}

}  // namespace layers::conv2d
