// Public tests: numbers that can be checked by hand.
#include <kata/test.hpp>

#include <numeric>

#include "layers/conv2d/conv2d.hpp"
#include "layers/conv2d/subject.hpp"

namespace layers::conv2d {
namespace {

using kata::Shape;
using kata::Vectorf;
using kata::test::is_equal_to;
using Tensor = kata::Tensor<float>;

Tensor tensor(Shape shape, const std::vector<float>& values) {
  Tensor t(shape);
  std::copy(values.begin(), values.end(), t.data());
  return t;
}

// 0, 1, 2, ...
Tensor counted(Shape shape) {
  Tensor t(shape);
  std::iota(t.data(), t.data() + t.size(), 0.0f);
  return t;
}

Tensor forward(const Tensor& x, const Tensor& weight, const Vectorf& bias,
               const Conv2dOptions& options, Shape shape) {
  Tensor y(shape);
  kata::test::poison(y);
  subject.conv2d_forward(x, weight, bias, options, y);
  return y;
}

}  // namespace

TEST_CASE("the example of the statement", "[public][example]") {
  const Tensor x = tensor({1, 1, 2, 3}, {1, 2, 3,  //
                                         4, 5, 6});
  const Tensor weight = tensor({1, 1, 2, 2}, {1, 2,  //
                                              3, 4});
  const Vectorf bias = Vectorf::Constant(1, 100);
  CHECK_THAT(forward(x, weight, bias, {.padding_w = 1}, {1, 1, 1, 4}),
             is_equal_to(tensor({1, 1, 1, 4}, {118, 137, 147, 121})));
  CHECK_THAT(forward(x, weight, bias, {.stride_w = 2, .padding_w = 1}, {1, 1, 1, 2}),
             is_equal_to(tensor({1, 1, 1, 2}, {118, 147})));
}

// pytorch/pytorch, test/cpp/api/modules.cpp, Conv2dEven. A kernel turned round gives 14643 first.
TEST_CASE("PyTorch's example: two kernels over three channels", "[public][example]") {
  const Tensor y = forward(counted({1, 3, 5, 5}), counted({2, 3, 3, 3}), {}, {}, {1, 2, 3, 3});
  CHECK_THAT(y, is_equal_to(tensor({1, 2, 3, 3}, {15219, 15570, 15921,  //
                                                  16974, 17325, 17676,  //
                                                  18729, 19080, 19431,  //
                                                  37818, 38898, 39978,  //
                                                  43218, 44298, 45378,  //
                                                  48618, 49698, 50778})));
}

TEST_CASE("dilation looks at every second pixel", "[public][example]") {
  const Tensor x = tensor({1, 1, 1, 6}, {1, 2, 3, 4, 5, 6});
  const Tensor weight = tensor({1, 1, 1, 3}, {1, 10, 100});
  CHECK_THAT(forward(x, weight, {}, {.dilation_w = 2}, {1, 1, 1, 2}),
             is_equal_to(tensor({1, 1, 1, 2}, {531, 642})));
}

TEST_CASE("two groups do not see each other's channels", "[public][example]") {
  const Tensor x = tensor({1, 2, 1, 2}, {1, 2,  //
                                         3, 4});
  const Tensor weight = tensor({2, 1, 1, 2}, {1, 10,  //
                                              100, 1000});
  CHECK_THAT(forward(x, weight, {}, {.groups = 2}, {1, 2, 1, 1}),
             is_equal_to(tensor({1, 2, 1, 1}, {21, 4300})));
}

TEST_CASE("refuses a kernel that does not fit and a y of another shape", "[public][example]") {
  const Tensor x = counted({1, 1, 4, 4});
  CHECK_REFUSES(forward(x, counted({1, 1, 5, 2}), {}, {}, {1, 1, 1, 3}), "weight");
  CHECK_REFUSES(forward(x, counted({1, 1, 3, 2}), {}, {.stride_h = 2}, {1, 1, 2, 3}), "y");
}

}  // namespace layers::conv2d
