// How the input of a block of output rows lies in memory.
//
// Along an axis with stride s, the tap at position u of the window meets the padded input at
// u, u + s, u + 2 s, ... So the padded rows are stored by remainder: all positions with u mod s = 0
// together, then those with u mod s = 1, ... Then the inputs that one tap meets along an output row
// are contiguous, and the rows of a tap follow each other at one distance. Remainders that no tap
// asks for are left out.
#pragma once

#include <algorithm>
#include <kata/tensor.hpp>
#include <vector>

#include "kernels/conv2d.hpp"

namespace kernels::conv2d {

using Eigen::Index;

/// Positions with one remainder, of which the window meets the first `length`.
struct Slot {
  Index remainder;
  Index begin, end;  // of those that lie on the input; the others are padding
  Index source;      // in the input, of the position `begin`
};

/// One axis of a block with `outputs` positions of the window.
struct Axis {
  Index kernel, stride, dilation;
  Index length;  // of every slot
  std::vector<Slot> slots;

  Axis(Index size, Index kernel_, Index stride_, Index padding, Index dilation_, Index outputs);

  Index count() const { return static_cast<Index>(slots.size()); }
  Index tap_slot(Index i) const;
  Index tap_position(Index i) const { return i * dilation / stride; }
};

/// The memory of one channel of a block, and how to fill it.
class Rows {
 public:
  /// For `rows` rows of output. `in_place` needs no padding and a horizontal stride of one.
  Rows(kata::TensorView<const float> x, kata::TensorView<const float> weight,
       const Conv2dGeometry& geometry, Index rows, Index columns, bool in_place);

  bool in_place() const { return in_place_; }
  Index plane() const { return plane_; }        // floats from one channel to the next
  Index row_step() const { return row_step_; }  // floats from one output row's inputs to the next's
  /// From the beginning of a channel to the input of tap (i, j) for the block's first output.
  Index tap(Index i, Index j) const;
  /// Where `x`'s channel begins for output row `first`, when in place.
  const float* place(kata::TensorView<const float> x, Index n, Index c, Index first) const {
    return x.data() + (n * x.c() + c) * plane_ + first * row_step_;
  }
  /// Copies the inputs of output rows `first`, first + 1, ... of one channel, to `plane()` floats
  /// and kLanes more that it may scribble on.
  void fill(kata::TensorView<const float> x, Index n, Index c, Index first, float* to) const;

 private:
  void fill_row(const float* from, const float* x_end, const Slot& columns, float* to) const;

  Axis h_, w_;
  bool in_place_;
  Index padding_h_, height_, width_;  // of x
  Index row_step_;  // a row shares its padding on the right with the next row's on the left
  Index plane_;
};

}  // namespace kernels::conv2d
