// Convolution, forward: as near to the machine's limit as one thread and NCHW allow.
//
// Direct, without im2col: rows of the input are copied once, with their padding, into a block that
// fits the cache, in an order that makes the pixels of an output row contiguous for every tap
// whatever the stride; where nothing has to be added or reordered, the input is used in place. A
// register tile then runs over all taps. See conv2d_tile.hpp, conv2d_rows.hpp, conv2d_pixels.hpp.
#pragma once

#include <kata/tensor.hpp>

namespace kernels {

struct Conv2dGeometry {
  int stride_h = 1, stride_w = 1;
  int padding_h = 0, padding_w = 0;
  int dilation_h = 1, dilation_w = 1;
  int groups = 1;
};

/// y = x * weight + bias as torch.nn.functional.conv2d has it, for arguments that fit each other.
/// `bias` holds a number for each output channel, or is null. Memory beside the arguments: at most
/// about 3 MiB, unless one row of output needs more; it is kept for the thread's next call.
void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    const float* bias, const Conv2dGeometry& geometry, kata::TensorView<float> y);

}  // namespace kernels
