#include <stdexcept>

#include "layers/conv2d/conv2d.hpp"

namespace layers::conv2d {

void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    kata::In<kata::Vectorf> bias, const Conv2dOptions& o, kata::TensorView<float> y) {
  if (o.stride_h < 1) throw std::invalid_argument("stride_h < 1");
  if (o.stride_w < 1) throw std::invalid_argument("stride_w < 1");
  if (o.padding_h < 0) throw std::invalid_argument("padding_h < 0");
  if (o.padding_w < 0) throw std::invalid_argument("padding_w < 0");
  if (o.dilation_h < 1) throw std::invalid_argument("dilation_h < 1");
  if (o.dilation_w < 1) throw std::invalid_argument("dilation_w < 1");
  if (o.groups < 1 || x.c() % o.groups != 0 || weight.n() % o.groups != 0)
    throw std::invalid_argument("groups does not divide the channels");
  if (weight.c() != x.c() / o.groups) throw std::invalid_argument("weight: wrong number of channels");

  const long kh = weight.h(), kw = weight.w();
  const long room_h = x.h() + 2 * long(o.padding_h) - long(o.dilation_h) * (kh - 1) - 1;
  const long room_w = x.w() + 2 * long(o.padding_w) - long(o.dilation_w) * (kw - 1) - 1;
  if (room_h < 0 || room_w < 0) throw std::invalid_argument("weight: the kernel does not fit");
  if (bias.size() != 0 && bias.size() != weight.n()) throw std::invalid_argument("bias: wrong size");
  const kata::Shape expected{x.n(), weight.n(), room_h / o.stride_h + 1, room_w / o.stride_w + 1};
  if (!(y.shape() == expected)) throw std::invalid_argument("y: wrong shape");

  const long in_group = x.c() / o.groups, out_group = weight.n() / o.groups;
  for (long n = 0; n < y.n(); ++n)
    for (long k = 0; k < y.c(); ++k)
      for (long i = 0; i < y.h(); ++i)
        for (long j = 0; j < y.w(); ++j) {
          double sum = bias.size() ? bias(k) : 0;
          const long first = k / out_group * in_group;
          for (long c = 0; c < in_group; ++c)
            for (long a = 0; a < kh; ++a) {
              const long row = i * o.stride_h - o.padding_h + a * o.dilation_h;
              if (row < 0 || row >= x.h()) continue;
              for (long b = 0; b < kw; ++b) {
                const long col = j * o.stride_w - o.padding_w + b * o.dilation_w;
                if (col < 0 || col >= x.w()) continue;
                sum += double(x(n, first + c, row, col)) * weight(k, c, a, b);
              }
            }
          y(n, k, i, j) = float(sum);
        }
}

}  // namespace layers::conv2d
