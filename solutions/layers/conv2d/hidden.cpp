// Hidden tests of conv2d_forward. Expected values come from oracle/conv2d.hpp, with a bound on the
// error of each output; y holds NaN before every call. Sizes of one test differ from each other, so
// that an exchanged pair shows.
#include <kata/test.hpp>

#include "layers/conv2d/conv2d.hpp"
#include "layers/conv2d/subject.hpp"
#include "oracle/conv2d.hpp"

namespace layers::conv2d {
namespace {

using kata::Index;
using kata::Shape;
using kata::Vectorf;
using kata::test::is_close_to;
using kata::test::is_equal_to;
using kata::test::Numbers;
using kata::test::uniform_int;
using Tensor = kata::Tensor<float>;

/// The arguments of one call.
struct Call {
  Conv2dOptions options;
  Tensor x, weight;
  Vectorf bias;
  Tensor y;

  /// Normal numbers everywhere, and a bias for every output channel.
  Call(Shape x_shape, Shape weight_shape, const Conv2dOptions& o = {})
      : options(o),
        x(x_shape),
        weight(weight_shape),
        bias(weight_shape.n),
        y(oracle::conv2d::output_shape(x_shape, weight_shape, o)) {
    kata::test::fill_normal(x);
    kata::test::fill_normal(weight);
    kata::test::fill_normal(bias, 0, 3);
  }

  oracle::conv2d::Forward expected() const {
    return oracle::conv2d::forward(x, weight, {bias.begin(), bias.end()}, options);
  }
  void run() {
    kata::test::poison(y);
    subject.conv2d_forward(x, weight, bias, options, y);
  }
  void check() const {
    const auto e = expected();
    Numbers numbers(e.y);
    numbers.shape = {e.shape.n, e.shape.c, e.shape.h, e.shape.w};
    CHECK_THAT(y, is_close_to(numbers, {.per_element = e.bound}));
  }
  void run_and_check() {
    run();
    check();
  }
};

/// Two results of the subject that the mathematics says are the same.
void check_same(const Tensor& a, const Tensor& b, const std::vector<double>& bound) {
  std::vector<double> both = bound;
  for (double& e : both) e *= 2;
  CHECK_THAT(a, is_close_to(b, {.per_element = both}));
}

Tensor channels(const Tensor& t, Index first, Index count) {
  Tensor part({t.shape().n, count, t.shape().h, t.shape().w});
  for (Index n = 0; n < part.shape().n; ++n)
    part.view().sample(n) = t.view().sample(n).middleRows(first, count);
  return part;
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("agrees with the definition when every size and option differs", "[hidden][definition]") {
  Call call({9, 10, 27, 31}, {16, 5, 4, 6},
            {.stride_h = 3,
             .stride_w = 2,
             .padding_h = 1,
             .padding_w = 5,
             .dilation_h = 8,
             .dilation_w = 7,
             .groups = 2});
  call.run_and_check();
}

TEST_CASE("agrees with the definition on geometries drawn at random", "[hidden][definition]") {
  for (int repeat = 0; repeat < 8; ++repeat) {
    const Conv2dOptions o{.stride_h = static_cast<int>(uniform_int(1, 3)),
                          .stride_w = static_cast<int>(uniform_int(1, 3)),
                          .padding_h = static_cast<int>(uniform_int(0, 3)),
                          .padding_w = static_cast<int>(uniform_int(0, 3)),
                          .dilation_h = static_cast<int>(uniform_int(1, 3)),
                          .dilation_w = static_cast<int>(uniform_int(1, 3)),
                          .groups = static_cast<int>(uniform_int(1, 3))};
    const Shape weight{o.groups * uniform_int(1, 4), uniform_int(1, 4), uniform_int(1, 4),
                       uniform_int(1, 4)};
    const Shape x{uniform_int(1, 3), o.groups * weight.c, uniform_int(1, 9) + o.dilation_h * 3,
                  uniform_int(1, 20) + o.dilation_w * 3};
    CAPTURE(x.n, x.c, x.h, x.w, weight.n, weight.h, weight.w);
    CAPTURE(o.stride_h, o.stride_w, o.padding_h, o.padding_w, o.dilation_h, o.dilation_w, o.groups);
    Call(x, weight, o).run_and_check();
  }
}

TEST_CASE("agrees with the definition for a kernel of one pixel", "[hidden][definition]") {
  Call({3, 7, 4, 5}, {6, 7, 1, 1}).run_and_check();
  Call({2, 5, 8, 9}, {4, 5, 1, 1}, {.stride_h = 2, .stride_w = 3, .padding_h = 1}).run_and_check();
}

TEST_CASE("agrees with the definition for one window on one pixel", "[hidden][definition]") {
  Call({1, 1, 1, 1}, {1, 1, 1, 1}).run_and_check();
  Call({1, 1, 3, 2}, {1, 1, 3, 2}).run_and_check();
}

TEST_CASE("keeps its accuracy beside huge, tiny and zero numbers", "[hidden][definition]") {
  Call call({2, 3, 7, 8}, {4, 3, 2, 3});
  for (Index i = 0; i < call.x.size(); ++i) {
    const float scale[] = {1e8f, 1e-8f, 0.0f, 1.0f, -1.0f};
    call.x.data()[i] *= scale[uniform_int(0, 4)];
  }
  call.run_and_check();
}

TEST_CASE("agrees with the definition for many channels and pixels", "[hidden][definition]") {
  Call call({2, 24, 19, 37}, {40, 24, 3, 3}, {.padding_h = 1, .padding_w = 1});
  call.run();
  for (int sample = 0; sample < 400; ++sample) {
    const Index n = uniform_int(0, 1), k = uniform_int(0, 39);
    const Index oh = uniform_int(0, 18), ow = uniform_int(0, 36);
    const auto e =
        oracle::conv2d::output(call.x, call.weight, call.bias(k), call.options, n, k, oh, ow);
    CAPTURE(n, k, oh, ow);
    CHECK_THAT(Numbers(call.y(n, k, oh, ow)),
               is_close_to(e.value, {.atol = oracle::conv2d::error_bound(call.weight.shape(),
                                                                         e.magnitude)}));
  }
}

TEST_CASE("the samples of a batch do not see each other", "[hidden][definition]") {
  Call batch({3, 4, 6, 7}, {5, 4, 2, 3}, {.padding_h = 1});
  batch.run_and_check();
  for (Index n = 0; n < 3; ++n) {
    Call single({1, 4, 6, 7}, {5, 4, 2, 3}, batch.options);
    single.x.view().sample(0) = batch.x.view().sample(n);
    single.weight = batch.weight;
    single.bias = batch.bias;
    single.run_and_check();
  }
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("rows and columns have strides of their own", "[hidden][stride]") {
  Call({2, 3, 11, 16}, {4, 3, 5, 6}, {.stride_h = 2, .stride_w = 7}).run_and_check();
  Call({2, 3, 16, 11}, {4, 3, 6, 5}, {.stride_h = 7, .stride_w = 1}).run_and_check();
}

TEST_CASE("a last window that does not fit is left out", "[hidden][stride]") {
  for (Index left_over = 0; left_over < 4; ++left_over) {
    CAPTURE(left_over);
    Call({1, 2, 11 + left_over, 17 - left_over}, {3, 2, 3, 2}, {.stride_h = 4, .stride_w = 5})
        .run_and_check();
  }
}

TEST_CASE("a stride picks from the outputs of stride one", "[hidden][stride]") {
  Call strided({2, 3, 13, 12}, {5, 3, 4, 1},
               {.stride_h = 2, .stride_w = 3, .padding_h = 1, .padding_w = 2});
  Conv2dOptions every = strided.options;
  every.stride_h = every.stride_w = 1;
  Call full(strided.x.shape(), strided.weight.shape(), every);
  full.x = strided.x, full.weight = strided.weight, full.bias = strided.bias;
  strided.run();
  full.run();

  Tensor picked(strided.y.shape());
  const auto [n, c, h, w] = picked.shape();
  for (Index a = 0; a < n; ++a)
    for (Index b = 0; b < c; ++b)
      for (Index i = 0; i < h; ++i)
        for (Index j = 0; j < w; ++j) picked(a, b, i, j) = full.y(a, b, 2 * i, 3 * j);
  check_same(strided.y, picked, strided.expected().bound);
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("padding is the same as zeros written around the input", "[hidden][padding]") {
  Call padded({2, 3, 6, 8}, {4, 3, 3, 5}, {.padding_h = 1, .padding_w = 3});
  Call written({2, 3, 8, 14}, {4, 3, 3, 5});
  written.x.flat().setZero();
  for (Index n = 0; n < 2; ++n)
    for (Index c = 0; c < 3; ++c)
      written.x.view().plane(n, c).block(1, 3, 6, 8) = padded.x.view().plane(n, c);
  written.weight = padded.weight, written.bias = padded.bias;
  padded.run_and_check();
  written.run();
  check_same(padded.y, written.y, padded.expected().bound);
}

TEST_CASE("rows and columns have paddings of their own", "[hidden][padding]") {
  Call({2, 3, 7, 9}, {5, 3, 4, 2}, {.padding_h = 3, .padding_w = 0}).run_and_check();
  Call({2, 3, 7, 9}, {5, 3, 2, 4}, {.padding_h = 0, .padding_w = 3}).run_and_check();
}

TEST_CASE("the kernel may be larger than the input, not than the padded one", "[hidden][padding]") {
  Call({3, 2, 1, 4}, {5, 2, 3, 7}, {.padding_h = 1, .padding_w = 2}).run_and_check();
  Call({3, 2, 4, 1}, {5, 2, 6, 3}, {.padding_h = 2, .padding_w = 1}).run_and_check();
}

TEST_CASE("a window on nothing but padding gives the bias", "[hidden][padding]") {
  Call call({2, 3, 4, 5}, {7, 3, 2, 1}, {.padding_h = 6, .padding_w = 8});
  call.run_and_check();
  for (Index k = 0; k < 7; ++k) CHECK(call.y(1, k, 0, 0) == call.bias(k));
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("rows and columns have dilations of their own", "[hidden][dilation]") {
  Call({2, 3, 11, 13}, {4, 3, 5, 6}, {.dilation_h = 2, .dilation_w = 1}).run_and_check();
  Call({2, 3, 13, 17}, {4, 3, 6, 5}, {.dilation_h = 1, .dilation_w = 4}).run_and_check();
}

TEST_CASE("dilation is the same as zeros written into the kernel", "[hidden][dilation]") {
  Call dilated({2, 3, 14, 12}, {4, 3, 5, 3}, {.padding_h = 1, .dilation_h = 3, .dilation_w = 2});
  Call spread({2, 3, 14, 12}, {4, 3, 13, 5}, {.padding_h = 1});
  spread.x = dilated.x, spread.bias = dilated.bias;
  spread.weight.flat().setZero();
  for (Index k = 0; k < 4; ++k)
    for (Index c = 0; c < 3; ++c)
      for (Index i = 0; i < 5; ++i)
        for (Index j = 0; j < 3; ++j)
          spread.weight(k, c, 3 * i, 2 * j) = dilated.weight(k, c, i, j);
  dilated.run_and_check();
  spread.run();
  check_same(dilated.y, spread.y, spread.expected().bound);
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("groups are convolutions side by side", "[hidden][groups]") {
  Call grouped({2, 6, 7, 8}, {9, 2, 4, 5}, {.padding_w = 1, .groups = 3});
  grouped.run_and_check();
  for (Index g = 0; g < 3; ++g) {
    CAPTURE(g);
    Call alone({2, 2, 7, 8}, {3, 2, 4, 5}, {.padding_w = 1});
    alone.x = channels(grouped.x, 2 * g, 2);
    for (Index k = 0; k < 3; ++k)
      alone.weight.view().sample(k) = grouped.weight.view().sample(3 * g + k);
    alone.bias = grouped.bias.segment(3 * g, 3);
    alone.run();
    check_same(channels(grouped.y, 3 * g, 3), alone.y, alone.expected().bound);
  }
}

TEST_CASE("every channel may be a group of its own", "[hidden][groups]") {
  Call({3, 5, 7, 8}, {5, 1, 2, 4}, {.groups = 5}).run_and_check();
  Call({3, 5, 7, 8}, {10, 1, 4, 2}, {.stride_h = 2, .padding_w = 1, .groups = 5}).run_and_check();
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("an input of zeros gives the bias", "[hidden][bias]") {
  Call call({2, 4, 5, 6}, {8, 2, 3, 1}, {.padding_h = 2, .groups = 2});
  call.x.flat().setZero();
  call.run();
  Tensor expected(call.y.shape());
  for (Index n = 0; n < 2; ++n)
    for (Index k = 0; k < 8; ++k) expected.view().plane(n, k).setConstant(call.bias(k));
  CHECK_THAT(call.y, is_equal_to(expected));
}

TEST_CASE("the bias moves every pixel of its channel by itself", "[hidden][bias]") {
  Call with({2, 3, 6, 7}, {5, 3, 4, 2}, {.stride_w = 2});
  Call without = with;
  without.bias.resize(0);
  with.run_and_check();
  without.run_and_check();
  for (Index n = 0; n < 2; ++n)
    for (Index k = 0; k < 5; ++k) without.y.view().plane(n, k).array() += with.bias(k);
  check_same(with.y, without.y, with.expected().bound);
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("a combination of inputs gives the combination of outputs", "[hidden][linearity]") {
  const Shape x{2, 3, 7, 6}, weight{5, 3, 2, 4};
  const Conv2dOptions options{.stride_h = 2, .padding_w = 1};
  Call a(x, weight, options), b = a, sum = a;
  kata::test::fill_normal(b.x);
  sum.x.flat() = 2 * a.x.flat() - b.x.flat();
  for (Call* call : {&a, &b, &sum}) {
    call->bias.resize(0);
    call->run_and_check();
  }
  Tensor expected(a.y.shape());
  expected.flat() = 2 * a.y.flat() - b.y.flat();
  const auto bound_a = a.expected().bound, bound_b = b.expected().bound;
  std::vector<double> bound = sum.expected().bound;
  for (std::size_t i = 0; i < bound.size(); ++i) bound[i] += 2 * bound_a[i] + bound_b[i];
  CHECK_THAT(sum.y, is_close_to(expected, {.per_element = bound}));
}

TEST_CASE("one pixel alone is answered by the kernel around it", "[hidden][linearity]") {
  const Index kh = 3, kw = 4, h = uniform_int(2, 5), w = uniform_int(3, 7), c = uniform_int(0, 1);
  Call call({1, 2, 8, 11}, {3, 2, kh, kw});
  call.bias.resize(0);
  call.x.flat().setZero();
  call.x(0, c, h, w) = 1;
  call.run();
  Tensor expected(call.y.shape());
  for (Index k = 0; k < 3; ++k)
    for (Index i = 0; i < kh; ++i)
      for (Index j = 0; j < kw; ++j)
        expected(0, k, h - i, w - j) = call.weight(k, c, i, j);  // seen by the window at (h-i, w-j)
  CHECK_THAT(call.y, is_equal_to(expected));
}

TEST_CASE("the sum over y is a weighted sum over x", "[hidden][linearity]") {
  // <conv(x), v> = <x, conv^T(v)>, where conv^T(v) is scattered window by window.
  Call call(
      {2, 4, 9, 7}, {6, 2, 3, 2},
      {.stride_h = 2, .stride_w = 3, .padding_h = 1, .padding_w = 2, .dilation_h = 2, .groups = 2});
  call.bias.resize(0);
  Tensor v(call.y.shape());
  kata::test::fill_normal(v);
  call.run();

  std::vector<long double> back(static_cast<std::size_t>(call.x.size()));
  const Conv2dOptions& o = call.options;
  const auto [n_, c_out, h_out, w_out] = v.shape();
  const Shape xs = call.x.shape(), ws = call.weight.shape();
  for (Index n = 0; n < n_; ++n)
    for (Index k = 0; k < c_out; ++k)
      for (Index at = 0; at < h_out * w_out; ++at)
        for (Index tap = 0; tap < ws.c * ws.h * ws.w; ++tap) {
          const Index c = tap / (ws.h * ws.w), i = tap / ws.w % ws.h, j = tap % ws.w;
          const Index h = at / w_out * o.stride_h + i * o.dilation_h - o.padding_h;
          const Index w = at % w_out * o.stride_w + j * o.dilation_w - o.padding_w;
          if (h < 0 || h >= xs.h || w < 0 || w >= xs.w) continue;
          const Index channel = k / (c_out / o.groups) * ws.c + c;
          back[static_cast<std::size_t>(((n * xs.c + channel) * xs.h + h) * xs.w + w)] +=
              static_cast<long double>(v(n, k, at / w_out, at % w_out)) * call.weight(k, c, i, j);
        }

  long double over_y = 0, over_x = 0;
  double bound = 0;
  const auto bounds = call.expected().bound;
  for (Index i = 0; i < v.size(); ++i) {
    over_y += static_cast<long double>(call.y.data()[i]) * v.data()[i];
    bound += bounds[static_cast<std::size_t>(i)] * std::abs(static_cast<double>(v.data()[i]));
  }
  for (Index i = 0; i < call.x.size(); ++i)
    over_x += call.x.data()[i] * back[static_cast<std::size_t>(i)];
  CHECK_THAT(Numbers(over_y), is_close_to(over_x, {.atol = bound}));
}

TEST_CASE("an input that moves by one stride moves the output by one", "[hidden][shift]") {
  const Conv2dOptions options{.stride_h = 2, .stride_w = 3};
  Call here({2, 3, 15, 19}, {4, 3, 3, 5}, options);
  Call there = here;
  here.x.flat().setZero();
  there.x.flat().setZero();
  for (Index n = 0; n < 2; ++n)
    for (Index c = 0; c < 3; ++c) {
      kata::Matrixf patch(6, 7);
      kata::test::fill_normal(patch);
      here.x.view().plane(n, c).block(4, 5, 6, 7) = patch;
      there.x.view().plane(n, c).block(6, 8, 6, 7) = patch;
    }
  here.run_and_check();
  there.run_and_check();
  Tensor moved(here.y.shape());
  const auto [n_, c_out, h_out, w_out] = moved.shape();
  for (Index n = 0; n < n_; ++n)
    for (Index k = 0; k < c_out; ++k) {
      moved.view().plane(n, k).setConstant(here.bias(k));
      moved.view().plane(n, k).bottomRightCorner(h_out - 1, w_out - 1) =
          here.y.view().plane(n, k).topLeftCorner(h_out - 1, w_out - 1);
    }
  check_same(there.y, moved, there.expected().bound);
}

TEST_CASE("a kernel with a single one copies the input, shifted", "[hidden][shift]") {
  Call call({2, 2, 6, 9}, {3, 2, 2, 5}, {.padding_h = 1, .padding_w = 2});
  call.bias.resize(0);
  call.weight.flat().setZero();
  call.weight(0, 1, 0, 1) = 1;
  call.weight(2, 0, 1, 4) = 1;
  call.run();
  Tensor expected(call.y.shape());
  for (Index n = 0; n < 2; ++n)
    for (Index oh = 0; oh < 7; ++oh)
      for (Index ow = 0; ow < 9; ++ow) {
        if (oh >= 1 && ow >= 1) expected(n, 0, oh, ow) = call.x(n, 1, oh - 1, ow - 1);
        if (oh < 6 && ow + 2 < 9) expected(n, 2, oh, ow) = call.x(n, 0, oh, ow + 2);
      }
  CHECK_THAT(call.y, is_equal_to(expected));
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("refuses options out of their range", "[hidden][contract]") {
  const auto refuses = [](const char* argument, int Conv2dOptions::*option, int value) {
    Call call({2, 3, 5, 6}, {4, 3, 1, 1});
    call.options.*option = value;
    CHECK_REFUSES(call.run(), argument);
  };
  refuses("stride_h", &Conv2dOptions::stride_h, 0);
  refuses("stride_w", &Conv2dOptions::stride_w, -1);
  refuses("padding_h", &Conv2dOptions::padding_h, -1);
  refuses("padding_w", &Conv2dOptions::padding_w, -2);
  refuses("dilation_h", &Conv2dOptions::dilation_h, 0);
  refuses("dilation_w", &Conv2dOptions::dilation_w, -3);
  refuses("groups", &Conv2dOptions::groups, 0);
}

TEST_CASE("refuses groups that do not divide the channels", "[hidden][contract]") {
  Call inputs({2, 5, 6, 7}, {4, 2, 3, 1});
  inputs.options.groups = 2;
  CHECK_REFUSES(inputs.run(), "groups");
  Call outputs({2, 6, 5, 7}, {4, 2, 1, 3});
  outputs.options.groups = 3;
  CHECK_REFUSES(outputs.run(), "groups");
}

TEST_CASE("refuses a weight or a bias that does not fit", "[hidden][contract]") {
  Call channels({2, 6, 5, 7}, {4, 6, 3, 1});
  channels.options.groups = 2;
  CHECK_REFUSES(channels.run(), "weight");

  Call tall({2, 3, 4, 9}, {5, 3, 6, 2}, {.padding_h = 1});
  tall.run_and_check();
  tall.options.padding_h = 0;
  CHECK_REFUSES(tall.run(), "weight");

  Call wide({2, 3, 9, 7}, {5, 3, 2, 4}, {.dilation_w = 2});
  wide.run_and_check();
  wide.options.dilation_w = 3;
  CHECK_REFUSES(wide.run(), "weight");

  Call bias({2, 3, 5, 6}, {4, 3, 1, 2});
  bias.bias.setOnes(3);
  CHECK_REFUSES(bias.run(), "bias");
  bias.bias.setOnes(5);
  CHECK_REFUSES(bias.run(), "bias");
}

TEST_CASE("refuses a y of another shape", "[hidden][contract]") {
  Call call({2, 3, 8, 9}, {4, 3, 2, 3}, {.stride_h = 2, .padding_w = 1});
  call.run_and_check();
  const Shape right = call.y.shape();
  for (Index Shape::*size : {&Shape::n, &Shape::c, &Shape::h, &Shape::w})
    for (const Index by : {-1, 1}) {
      Shape wrong = right;
      wrong.*size += by;
      call.y = Tensor(wrong);
      CHECK_REFUSES(call.run(), "y");
    }
  call.y = Tensor({right.n, right.c, right.w, right.h});
  CHECK_REFUSES(call.run(), "y");
}

TEST_CASE("a batch of none is nothing to do, and still checked", "[hidden][contract]") {
  Call call({0, 3, 8, 9}, {4, 3, 2, 3});
  call.run_and_check();
  call.options.stride_h = 0;
  CHECK_REFUSES(call.run(), "stride_h");
}

// ---------------------------------------------------------------------------------------------

/// A layer of a small ResNet; the padding keeps the size of the image.
struct Layer : kata::test::SpeedCase {
  Index kernel;
  Call layer;

  explicit Layer(const kata::test::Sizes& sizes)
      : kernel(size(sizes, "kernel")),
        layer({size(sizes, "n"), size(sizes, "c"), size(sizes, "h"), size(sizes, "w")},
              {size(sizes, "k"), size(sizes, "c"), kernel, kernel},
              {.padding_h = static_cast<int>(kernel / 2),
               .padding_w = static_cast<int>(kernel / 2)}) {
    for (int i = 0; i < 20; ++i) {
      layer.x.data()[uniform_int(0, layer.x.size() - 1)] = 1e6f;
      layer.x.data()[uniform_int(0, layer.x.size() - 1)] = 0.0f;
    }
    kata::test::poison(layer.y);
  }

  void call() override {
    subject.conv2d_forward(layer.x, layer.weight, layer.bias, layer.options, layer.y);
  }

  void check() override {
    check_samples();
    check_all_pixels();
  }

  double flops() const override {
    const Shape w = layer.weight.shape();
    return 2.0 * static_cast<double>(layer.y.size() * w.c * w.h * w.w);
  }
  double bytes() const override {
    return 4.0 * static_cast<double>(layer.x.size() + layer.weight.size() + layer.y.size());
  }

 private:
  static Index size(const kata::test::Sizes& sizes, const char* name) {
    return static_cast<Index>(sizes.at(name));
  }

  /// Some outputs, one by one, the corners of the images among them.
  void check_samples() const {
    const Shape s = layer.y.shape();
    for (int i = 0; i < 240; ++i) {
      const Index n = uniform_int(0, s.n - 1), k = uniform_int(0, s.c - 1);
      const Index oh = i < 40 ? (i % 2) * (s.h - 1) : uniform_int(0, s.h - 1);
      const Index ow = i < 40 ? (i / 2 % 2) * (s.w - 1) : uniform_int(0, s.w - 1);
      const auto e =
          oracle::conv2d::output(layer.x, layer.weight, layer.bias(k), layer.options, n, k, oh, ow);
      CAPTURE(n, k, oh, ow);
      CHECK_THAT(Numbers(layer.y(n, k, oh, ow)),
                 is_close_to(e.value, {.atol = oracle::conv2d::error_bound(layer.weight.shape(),
                                                                           e.magnitude)}));
    }
  }

  /// Every output: the channels are combined at random, in y and in the weights, and the combined
  /// weights are convolved. An output that was left out shows, wherever it is.
  void check_all_pixels() const {
    const Shape ys = layer.y.shape(), ws = layer.weight.shape();
    Vectorf mix(ys.c);
    for (Index k = 0; k < ys.c; ++k) mix(k) = uniform_int(0, 1) == 0 ? -1.0f : 1.0f;

    std::vector<long double> got;
    for (Index n = 0; n < ys.n; ++n)
      for (Index at = 0; at < ys.h * ys.w; ++at) {
        long double sum = 0;
        for (Index k = 0; k < ys.c; ++k)
          sum += static_cast<long double>(mix(k) * layer.y.view().sample(n)(k, at));
        got.push_back(sum);
      }

    Tensor mixed({1, ws.c, ws.h, ws.w}), sizes(mixed.shape());
    for (Index k = 0; k < ys.c; ++k) {
      mixed.view().sample(0) += mix(k) * layer.weight.view().sample(k);
      sizes.view().sample(0) += layer.weight.view().sample(k).cwiseAbs();
    }
    Tensor x_sizes(layer.x.shape());
    x_sizes.flat() = layer.x.flat().abs();
    const auto expected =
        oracle::conv2d::forward(layer.x, mixed, {mix.dot(layer.bias)}, layer.options);
    const auto magnitude =
        oracle::conv2d::forward(x_sizes, sizes, {layer.bias.cwiseAbs().sum()}, layer.options);
    std::vector<double> bound;
    for (const long double m : magnitude.y)
      bound.push_back(oracle::conv2d::error_bound(ws, m) + static_cast<double>(ys.c) *
                                                               oracle::conv2d::kRoundoff *
                                                               static_cast<double>(m));
    CHECK_THAT(got, is_close_to(expected.y, {.per_element = bound}));
  }
};
KATA_SPEED(Layer)

}  // namespace
}  // namespace layers::conv2d
