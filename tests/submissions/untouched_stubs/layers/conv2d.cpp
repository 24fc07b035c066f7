#include "layers/conv2d/conv2d.hpp"

#include <kata/not_implemented.hpp>

namespace layers::conv2d {

// Every number of y is the sum over one window of x times the kernel, plus the bias.
// The statement is in README.md; the contract is above the declaration in conv2d.hpp.
void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    kata::In<kata::Vectorf> bias, const Conv2dOptions& options,
                    kata::TensorView<float> y) {
  (void)x, (void)weight, (void)bias, (void)options, (void)y;
  throw kata::not_implemented();
}

}  // namespace layers::conv2d
