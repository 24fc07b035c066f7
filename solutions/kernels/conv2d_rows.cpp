#include "kernels/conv2d_rows.hpp"

#include "kernels/packet.hpp"

namespace kernels::conv2d {
namespace {

// The number of positions p >= 0 with remainder + stride p < bound, at most `length`.
Index below(Index bound, Index remainder, Index stride, Index length) {
  const Index room = std::max<Index>(bound - remainder, 0);
  return std::min((room + stride - 1) / stride, length);
}

// Copies every `stride`-th number from `from` on, without reading at `end` or after it. Whole
// packets at a time, so that up to kLanes - 1 numbers after the last one are overwritten: rows are
// short, and an exact copy would cost more than all the rest.
void copy(const float* from, Index stride, Index count, const float* end, float* to) {
  Index i = 0;
  if (stride == 1) {
    for (; i < count && end - from >= i + kLanes; i += kLanes) store(to + i, load(from + i));
  } else if (stride == 2) {
    for (; i < count && end - from >= 2 * (i + kLanes); i += kLanes)
      store(to + i, every_second(load(from + 2 * i), load(from + 2 * i + kLanes)));
  }
  for (; i < count; ++i) to[i] = from[stride * i];
}

// Likewise. Mostly padding of a number or two: too little for a call of memset.
void clear(Index count, float* to) {
  if (count > 0) store(to, broadcast(0));
  if (count > kLanes) std::fill(to + kLanes, to + count, 0.0f);
}

}  // namespace

Axis::Axis(Index size, Index kernel_, Index stride_, Index padding, Index dilation_, Index outputs)
    : kernel(kernel_),
      stride(stride_),
      dilation(dilation_),
      length(outputs + (kernel_ - 1) * dilation_ / stride_) {
  for (Index i = 0; i < kernel && i < stride; ++i) {  // remainders repeat after `stride` taps
    const Index remainder = i * dilation % stride;
    if (tap_slot(i) < count()) continue;
    const Index begin = below(padding, remainder, stride, length);
    const Index end = std::max(begin, below(padding + size, remainder, stride, length));
    slots.push_back({remainder, begin, end, remainder + begin * stride - padding});
  }
}

Index Axis::tap_slot(Index i) const {
  Index slot = 0;
  while (slot < count() && slots[static_cast<std::size_t>(slot)].remainder != i * dilation % stride)
    ++slot;
  return slot;
}

Rows::Rows(kata::TensorView<const float> x, kata::TensorView<const float> weight,
           const Conv2dGeometry& g, Index rows, Index columns, bool in_place)
    : h_(x.h(), weight.h(), g.stride_h, g.padding_h, g.dilation_h, rows),
      w_(x.w(), weight.w(), g.stride_w, g.padding_w, g.dilation_w, columns),
      in_place_(in_place),
      padding_h_(g.padding_h),
      height_(x.h()),
      width_(x.w()) {
  if (in_place_) {
    row_step_ = h_.stride * x.w();
    plane_ = x.h() * x.w();
    return;
  }
  Index shared = 0;
  if (w_.stride == 1) {
    const Slot& all = w_.slots[0];
    shared = std::min({all.begin, w_.length - all.end, w_.length - columns});
  }
  row_step_ = w_.length - shared;
  plane_ = h_.count() * w_.count() * h_.length * row_step_ + shared;
}

Index Rows::tap(Index i, Index j) const {
  if (in_place_) return i * h_.dilation * width_ + j * w_.dilation;
  const Index slot = h_.tap_slot(i) * w_.count() + w_.tap_slot(j);
  return (slot * h_.length + h_.tap_position(i)) * row_step_ + w_.tap_position(j);
}

void Rows::fill(kata::TensorView<const float> x, Index n, Index c, Index first, float* to) const {
  const float* const channel = x.data() + (n * x.c() + c) * height_ * width_;
  for (const Slot& rows : h_.slots)
    for (const Slot& columns : w_.slots) {
      Index h = first * h_.stride + rows.remainder - padding_h_;
      for (Index r = 0; r < h_.length; ++r, h += h_.stride, to += row_step_) {
        if (0 <= h && h < height_)
          fill_row(channel + h * width_, x.data() + x.size(), columns, to);
        else
          clear(w_.length, to);
      }
    }
}

void Rows::fill_row(const float* from, const float* x_end, const Slot& columns, float* to) const {
  const Index count = columns.end - columns.begin;
  clear(columns.begin, to);
  if (count > 0) copy(from + columns.source, w_.stride, count, x_end, to + columns.begin);
  clear(w_.length - columns.end, to + columns.end);
}

}  // namespace kernels::conv2d
