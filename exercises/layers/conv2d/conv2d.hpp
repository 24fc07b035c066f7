// Two-dimensional convolution, forward.
//
// Source: torch.nn.functional.conv2d and torch.nn.Conv2d (PyTorch 1.13), whose names, defaults and
// meaning hold here. What deep learning calls convolution is cross-correlation: the kernel is not
// flipped (Goodfellow, Bengio, Courville, "Deep Learning", 2016, section 9.1).
#pragma once

#include <kata/arrays.hpp>
#include <kata/fields.hpp>
#include <kata/tensor.hpp>

namespace layers::conv2d {

/// PyTorch's defaults. All in pixels, apart from `groups`.
struct Conv2dOptions {
  int stride_h = 1;    // rows from one window to the next, >= 1
  int stride_w = 1;    // columns, likewise
  int padding_h = 0;   // rows of zeros above the input, and as many below, >= 0
  int padding_w = 0;   // columns of zeros left of the input, and as many right of it
  int dilation_h = 1;  // rows from one element of the kernel to the next, >= 1
  int dilation_w = 1;  // columns, likewise
  int groups = 1;      // divides c_in and c_out: group g of the inputs feeds group g of the outputs
};
KATA_FIELDS(Conv2dOptions, stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w, groups)

/// y = x * weight + bias, window by window; `y` is overwritten, whatever it held.
///
/// Shapes    x       (n, c_in, h, w); n may be 0, and then there is nothing to do
///           weight  (c_out, c_in / groups, kh, kw)
///           bias    (c_out), or (0) for none
///           y       (n, c_out, h_out, w_out), where
///                   h_out = floor((h + 2 padding_h - dilation_h (kh - 1) - 1) / stride_h) + 1
///                   and w_out likewise.
///           Sizes other than n and bias's are at least 1; that need not be checked.
/// Errors    std::invalid_argument, naming the argument:
///           stride_h .. dilation_w  out of the range above;
///           groups                  below 1, or does not divide both c_in and c_out;
///           weight                  not c_in / groups channels, or its dilated kernel does not fit
///                                   into the padded input;
///           bias                    neither c_out nor 0 numbers;
///           y                       not of the shape above.
/// Accuracy  (t + 2) u (sum of |x weight| over the window + |bias|) for each number of y, where
///           t = (c_in / groups) kh kw and u = 2^-24: float will do, in any order of summation.
void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    kata::In<kata::Vectorf> bias, const Conv2dOptions& options,
                    kata::TensorView<float> y);

}  // namespace layers::conv2d
