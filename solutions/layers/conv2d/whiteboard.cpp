// The answer for a whiteboard: the definition, as seven loops.
#include <stdexcept>
#include <string>

#include "layers/conv2d/conv2d.hpp"

namespace layers::conv2d {
namespace {

using kata::Index;

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

// How many windows fit along one axis; zero or less when the kernel does not fit at all.
Index output_size(Index size, Index kernel, Index stride, Index padding, Index dilation) {
  const Index room = size + 2 * padding - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

void check(kata::TensorView<const float> x, kata::TensorView<const float> weight,
           kata::In<kata::Vectorf> bias, const Conv2dOptions& o, kata::TensorView<float> y) {
  require(o.stride_h >= 1, "stride_h is less than 1");
  require(o.stride_w >= 1, "stride_w is less than 1");
  require(o.padding_h >= 0, "padding_h is negative");
  require(o.padding_w >= 0, "padding_w is negative");
  require(o.dilation_h >= 1, "dilation_h is less than 1");
  require(o.dilation_w >= 1, "dilation_w is less than 1");
  require(o.groups >= 1, "groups is less than 1");
  require(x.c() % o.groups == 0 && weight.n() % o.groups == 0,
          "groups does not divide the number of channels");
  require(weight.c() == x.c() / o.groups, "weight has the wrong number of channels");
  require(bias.size() == weight.n() || bias.size() == 0, "bias has the wrong size");

  const Index h_out = output_size(x.h(), weight.h(), o.stride_h, o.padding_h, o.dilation_h);
  const Index w_out = output_size(x.w(), weight.w(), o.stride_w, o.padding_w, o.dilation_w);
  require(h_out > 0 && w_out > 0, "weight does not fit into the padded input");
  require(y.shape() == kata::Shape{x.n(), weight.n(), h_out, w_out}, "y has the wrong shape");
}

}  // namespace

void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    kata::In<kata::Vectorf> bias, const Conv2dOptions& options,
                    kata::TensorView<float> y) {
  check(x, weight, bias, options, y);
  const Index outputs_per_group = weight.n() / options.groups;

  for (Index n = 0; n < y.n(); ++n) {
    for (Index k = 0; k < y.c(); ++k) {
      const Index first_channel = k / outputs_per_group * weight.c();
      for (Index oh = 0; oh < y.h(); ++oh) {
        for (Index ow = 0; ow < y.w(); ++ow) {
          float sum = bias.size() == 0 ? 0.0f : bias(k);
          for (Index c = 0; c < weight.c(); ++c) {
            for (Index i = 0; i < weight.h(); ++i) {
              const Index h = oh * options.stride_h - options.padding_h + i * options.dilation_h;
              if (h < 0 || h >= x.h()) continue;  // a row of padding
              for (Index j = 0; j < weight.w(); ++j) {
                const Index w = ow * options.stride_w - options.padding_w + j * options.dilation_w;
                if (w < 0 || w >= x.w()) continue;
                sum += x(n, first_channel + c, h, w) * weight(k, c, i, j);
              }
            }
          }
          y(n, k, oh, ow) = sum;
        }
      }
    }
  }
}

}  // namespace layers::conv2d
