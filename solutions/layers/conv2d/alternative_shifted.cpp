// Tap by tap: each weight adds a shifted, thinned-out part of an input channel to an output
// channel. No test inside of the loops; the part that a tap sees is worked out beforehand.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "layers/conv2d/conv2d.hpp"

namespace layers::conv2d {
namespace {

using kata::Index;

[[noreturn]] void refuse(const std::string& argument, const std::string& reason) {
  throw std::invalid_argument("conv2d_forward: " + argument + " " + reason + ".");
}

// One axis: the outputs [first, last) for which a tap lies on the input, and where the first is.
struct Range {
  Index first, last, input;
};

struct Axis {
  char name;
  Index size, kernel, stride, padding, dilation;

  void check() const {
    const std::string suffix = std::string("_") + name;
    if (stride < 1) refuse("stride" + suffix, "is " + std::to_string(stride));
    if (padding < 0) refuse("padding" + suffix, "is " + std::to_string(padding));
    if (dilation < 1) refuse("dilation" + suffix, "is " + std::to_string(dilation));
  }
  Index extent() const { return dilation * (kernel - 1) + 1; }
  Index outputs() const { return (size + 2 * padding - extent()) / stride + 1; }
  Range tap(Index i) const {
    const Index shift = i * dilation - padding;  // input = output * stride + shift
    const Index first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
    const Index last = size > shift ? (size - shift + stride - 1) / stride : 0;
    return {first, std::min(last, outputs()), first * stride + shift};
  }
};

}  // namespace

void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    kata::In<kata::Vectorf> bias, const Conv2dOptions& o,
                    kata::TensorView<float> y) {
  const Axis rows{'h', x.h(), weight.h(), o.stride_h, o.padding_h, o.dilation_h};
  const Axis columns{'w', x.w(), weight.w(), o.stride_w, o.padding_w, o.dilation_w};
  rows.check();
  columns.check();
  if (o.groups < 1 || x.c() % o.groups != 0 || weight.n() % o.groups != 0)
    refuse("groups", "is " + std::to_string(o.groups) + " and must divide c_in and c_out");
  if (weight.c() != x.c() / o.groups)
    refuse("weight", "has " + std::to_string(weight.c()) + " input channels a group");
  if (rows.extent() > x.h() + 2 * o.padding_h || columns.extent() > x.w() + 2 * o.padding_w)
    refuse("weight", "is larger than the padded input");
  if (bias.size() != 0 && bias.size() != weight.n())
    refuse("bias", "has " + std::to_string(bias.size()) + " numbers");
  if (y.shape() != kata::Shape{x.n(), weight.n(), rows.outputs(), columns.outputs()})
    refuse("y", "has another shape than the result");

  const Index outputs_per_group = weight.n() / o.groups;
  for (Index n = 0; n < x.n(); ++n)
    for (Index k = 0; k < weight.n(); ++k) {
      auto out = y.plane(n, k);
      out.setConstant(bias.size() == 0 ? 0.0f : bias(k));
      for (Index c = 0; c < weight.c(); ++c) {
        const auto in = x.plane(n, k / outputs_per_group * weight.c() + c);
        for (Index i = 0; i < weight.h(); ++i)
          for (Index j = 0; j < weight.w(); ++j) {
            const Range h = rows.tap(i), w = columns.tap(j);
            if (h.first >= h.last || w.first >= w.last) continue;
            out.block(h.first, w.first, h.last - h.first, w.last - w.first) +=
                weight(k, c, i, j) * in(Eigen::seqN(h.input, h.last - h.first, Index{o.stride_h}),
                                        Eigen::seqN(w.input, w.last - w.first, Index{o.stride_w}));
          }
      }
    }
}

}  // namespace layers::conv2d
