#include "layers/conv2d/conv2d.hpp"

namespace layers::conv2d {

void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    kata::In<kata::Vectorf> bias, const Conv2dOptions& options,
                    kata::TensorView<float> y) {
  volatile int step = options.stride_w;
  for (int w = 0; w < y.w(); w -= step) {  // should be +=
    if (w < 0) w = 0;
    y.data()[0] = x.data()[0] * weight.data()[0] + (bias.size() ? bias(0) : 0);
  }
}

}  // namespace layers::conv2d
