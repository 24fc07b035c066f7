// Wrong answers with a name: the whiteboard answer, in which one thing at a time goes wrong.
#include "worker/mistakes.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "layers/conv2d/conv2d.hpp"

KATA_MISTAKES(
    {"kernel-flipped",
     "You turn the kernel round, as convolution in mathematics does. Layers compute the "
     "cross-correlation: weight (i, j) meets the pixel i rows down and j columns right of the "
     "window's corner.",
     "你把卷积核翻转了，那是数学上的卷积。网络层算的是互相关：weight (i, j) 对应窗口左上角往下 i "
     "行、往右 j 列的像素。",
     "torch::nn::Conv2d's published example (Conv2dEven) tells them apart"},
    {"axes-exchanged",
     "Your rows use stride_w, padding_w and dilation_w, and your columns the ones of h. The first "
     "of each pair (h) belongs to the rows.",
     "你在行方向用了 stride_w、padding_w、dilation_w，在列方向却用了 h 的那几个。带 h "
     "的参数属于行。",
     "typical slip"},
    {"output-rounded-up",
     "You round the output size up. A window that does not fit completely is left out: "
     "floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.",
     "你把输出尺寸向上取整了。放不下的窗口要舍去：floor((size + 2·padding - dilation·(kernel - 1) "
     "- "
     "1) / stride) + 1。",
     "pooling layers of Caffe round up"},
    {"padding-counted-once",
     "Your output size adds the padding once. There is as much on both sides: 2 padding.",
     "你的输出尺寸只加了一份 padding。两侧各有一份，应加 2·padding。", "typical slip"},
    {"extent-dilation-times-kernel",
     "You take dilation * kernel for the extent of a dilated kernel. Between k elements there are "
     "k - 1 steps: dilation * (kernel - 1) + 1.",
     "你把膨胀后卷积核的跨度当成 dilation·kernel。k 个元素之间只有 k - 1 步：dilation·(kernel - 1) "
     "+ 1。",
     "typical slip"},
    {"input-without-padding-too-small",
     "You refuse a kernel that is larger than the input. What it has to fit into is the padded "
     "input.",
     "你拒绝了比输入大的卷积核。它只需放得进填充之后的输入。", "typical slip"},
    {"dilation-ignored",
     "Your taps are neighbours whatever the dilation. Tap i looks dilation * i rows further down.",
     "无论 dilation 是多少，你的采样点都相邻。第 i 个采样点应在下方 dilation·i 行处。",
     "typical slip"},
    {"group-offset-missing",
     "Every group of yours reads the input channels from 0 on. Group g starts at channel g * "
     "(c_in / groups).",
     "你的每一组都从第 0 个输入通道读起。第 g 组应从通道 g·(c_in / groups) 开始。", "typical slip"},
    {"groups-interleaved",
     "You deal the input channels out to the groups in turns (c * groups + g). A group is a block "
     "of neighbouring channels: g * (c_in / groups) + c.",
     "你把输入通道轮流分给各组（c·groups + g）。一组是连续的一段通道：g·(c_in / groups) + c。",
     "typical slip"},
    {"group-is-k-modulo-groups",
     "You take k % groups for the group of output channel k. Output channels are divided into "
     "blocks too: the group is k / (c_out / groups).",
     "你用 k % groups 作为输出通道 k 的组号。输出通道也是按连续的块划分的：组号为 k / (c_out / "
     "groups)。",
     "typical slip"},
    {"bias-for-each-tap",
     "You add the bias inside of the sum, once for each tap. It comes once to each output.",
     "你在求和内部对每个采样点都加了一次偏置。每个输出只加一次。", "typical slip"},
    {"bias-by-group",
     "You look the bias up by group. There is one for each output channel: bias(k).",
     "你按组号取偏置。每个输出通道各有一个：bias(k)。", "typical slip"},
    {"bias-left-out",
     "Your sum starts at zero and the bias never comes in. If bias has c_out numbers, add "
     "bias(k) to every output of channel k.",
     "你的和从零开始，偏置始终没有加进去。bias 有 c_out 个数时，通道 k 的每个输出都要加 bias(k)。",
     "typical slip"},
    {"padding-on-one-side",
     "Your windows begin at the first row of the input, as if all padding lay below and right of "
     "it. They begin padding rows earlier: subtract padding_h and padding_w.",
     "你的窗口从输入的第一行开始，好像填充全在下方和右方。窗口应提前 padding "
     "行开始：要减去 padding_h 和 padding_w。",
     "typical slip"},
    {"padding-h-for-both", "You use padding_h for the columns too. They have padding_w.",
     "你在列方向也用了 padding_h。列方向应当用 padding_w。", "typical slip"},
    {"padding-repeats-the-border",
     "Outside of the input you repeat its border. Padding is zeros: those taps add nothing.",
     "在输入之外你重复了边界像素。填充的是零：这些采样点不贡献任何值。",
     "another padding_mode of torch.nn.Conv2d"},
    {"columns-run-into-the-next-row",
     "You check the row of a tap and not its column, so that a tap left or right of the image "
     "reads a pixel of the neighbouring row. Check both.",
     "你只检查了采样点的行，没有检查列，于是超出图像左右边界的采样点读到了相邻一行的像素。"
     "两者都要检查。",
     "typical slip"},
    {"kernel-taken-for-square",
     "You use kh for the width of the kernel as well. It has kw columns.",
     "你把 kh 也当作卷积核的宽度。它有 kw 列。", "survives the published tests of Deep-ML 41"},
    {"stride-h-for-both", "You use stride_h for the columns too. They have stride_w.",
     "你在列方向也用了 stride_h。列方向应当用 stride_w。", "typical slip"},
    {"weight-in-out-swapped",
     "You read the weight as (input, output, kh, kw). It is (c_out, c_in / groups, kh, kw): all "
     "kernels of one output channel stand together.",
     "你把 weight 按（输入, 输出, kh, kw）读取。它的形状是 (c_out, c_in / groups, kh, "
     "kw)：同一输出通道的所有核放在一起。",
     "the layout of transposed convolutions, and of TensorFlow's last two axes"},
    {"adds-to-y", "You add to what y held before the call. y is an output: overwrite it.",
     "你把结果加到了 y 原有的内容上。y 是输出：要覆盖它。", "typical slip"},
    {"last-input-channel-only",
     "Only the last input channel is left in your sum: it starts anew for each channel. Start it "
     "once for each output.",
     "你的和里只剩最后一个输入通道：它在每个通道处都重新开始。每个输出只应开始一次。",
     "typical slip"},
    {"first-sample-only",
     "You read every sample of the batch from sample 0. Sample n of y comes from sample n of x.",
     "你对批中每个样本都读取第 0 个样本。y 的第 n 个样本来自 x 的第 n 个样本。", "typical slip"})

namespace layers::conv2d {
namespace {

using kata::Index;
using kata::mistake;

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

Index output_size(Index size, Index kernel, Index stride, Index padding, Index dilation) {
  const Index paddings = mistake("padding-counted-once") ? 1 : 2;
  const Index extent =
      mistake("extent-dilation-times-kernel") ? dilation * kernel : dilation * (kernel - 1) + 1;
  const Index room = size + paddings * padding - extent;
  if (room < 0 || (mistake("input-without-padding-too-small") && extent > size)) return 0;
  if (mistake("output-rounded-up")) return (room + stride - 1) / stride + 1;
  return room / stride + 1;
}

void check(kata::TensorView<const float> x, kata::TensorView<const float> weight,
           kata::In<kata::Vectorf> bias, const Conv2dOptions& o, kata::TensorView<float> y) {
  require(o.stride_h >= 1, "stride_h is less than 1");
  require(o.stride_w >= 1, "stride_w is less than 1");
  require(o.padding_h >= 0, "padding_h is negative");
  require(o.padding_w >= 0, "padding_w is negative");
  require(o.dilation_h >= 1, "dilation_h is less than 1");
  require(o.dilation_w >= 1, "dilation_w is less than 1");
  require(o.groups >= 1, "groups is less than 1");
  require(x.c() % o.groups == 0 && weight.n() % o.groups == 0,
          "groups does not divide the number of channels");
  require(weight.c() == x.c() / o.groups, "weight has the wrong number of channels");
  require(bias.size() == weight.n() || bias.size() == 0, "bias has the wrong size");

  const Index h_out = output_size(x.h(), weight.h(), o.stride_h, o.padding_h, o.dilation_h);
  const Index w_out = output_size(x.w(), weight.w(), o.stride_w, o.padding_w, o.dilation_w);
  require(h_out > 0 && w_out > 0, "weight does not fit into the padded input");
  require(y.shape() == kata::Shape{x.n(), weight.n(), h_out, w_out}, "y has the wrong shape");
}

// The options as the loops use them.
Conv2dOptions mistaken(Conv2dOptions o) {
  if (mistake("axes-exchanged")) {
    std::swap(o.stride_h, o.stride_w);
    std::swap(o.padding_h, o.padding_w);
    std::swap(o.dilation_h, o.dilation_w);
  }
  if (mistake("stride-h-for-both")) o.stride_w = o.stride_h;
  if (mistake("padding-h-for-both")) o.padding_w = o.padding_h;
  if (mistake("padding-on-one-side")) o.padding_h = o.padding_w = 0;
  if (mistake("dilation-ignored")) o.dilation_h = o.dilation_w = 1;
  return o;
}

// The first input channel of the group, and the distance between its channels.
struct Channels {
  Index first, step;
};

Channels channels_of(Index k, Index c_out, Index inputs, int groups) {
  const Index group = mistake("group-is-k-modulo-groups") ? k % groups : k / (c_out / groups);
  if (mistake("group-offset-missing")) return {0, 1};
  if (mistake("groups-interleaved")) return {group, groups};
  return {group * inputs, 1};
}

float bias_of(kata::In<kata::Vectorf> bias, Index k, Index outputs_per_group) {
  if (bias.size() == 0 || mistake("bias-left-out")) return 0;
  return bias(mistake("bias-by-group") ? k / outputs_per_group : k);
}

// Number `at` of a plane, where a wrong index finds nothing instead of what lies beside it.
float pixel(const float* plane, Index size, Index at) {
  return 0 <= at && at < size ? plane[at] : 0;
}

// A tap's input: the number at row h and column w of a plane of x, or of its padding.
class Pixels {
 public:
  float operator()(const float* plane, Index rows, Index columns, Index h, Index w) const {
    if (repeat_) {
      h = std::clamp<Index>(h, 0, rows - 1);
      w = std::clamp<Index>(w, 0, columns - 1);
    }
    if (h < 0 || h >= rows) return 0;
    if ((w < 0 || w >= columns) && !run_on_) return 0;
    return pixel(plane, rows * columns, h * columns + w);
  }

 private:
  const bool repeat_ = mistake("padding-repeats-the-border");
  const bool run_on_ = mistake("columns-run-into-the-next-row");
};

// The place of a weight.
class Weights {
 public:
  explicit Weights(kata::TensorView<const float> weight) : weight_(weight) {}
  float operator()(Index k, Index c, Index i, Index j) const {
    const Index kh = weight_.h(), kw = weight_.w();
    if (flipped_) i = kh - 1 - i, j = kw - 1 - j;
    const Index kernel = swapped_ ? c * weight_.n() + k : k * weight_.c() + c;
    return pixel(weight_.data(), weight_.size(), kernel * kh * kw + i * (square_ ? kh : kw) + j);
  }
  Index columns() const { return square_ ? weight_.h() : weight_.w(); }

 private:
  kata::TensorView<const float> weight_;
  const bool flipped_ = mistake("kernel-flipped");
  const bool swapped_ = mistake("weight-in-out-swapped");
  const bool square_ = mistake("kernel-taken-for-square");
};

}  // namespace

void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    kata::In<kata::Vectorf> bias, const Conv2dOptions& options,
                    kata::TensorView<float> y) {
  check(x, weight, bias, options, y);
  const Conv2dOptions o = mistaken(options);
  const Pixels input;
  const Weights weights(weight);
  const bool bias_again = mistake("bias-for-each-tap"), anew = mistake("last-input-channel-only");
  const bool adds = mistake("adds-to-y"), first_sample = mistake("first-sample-only");

  for (Index n = 0; n < y.n(); ++n) {
    for (Index k = 0; k < y.c(); ++k) {
      const Channels channels = channels_of(k, y.c(), weight.c(), o.groups);
      const float start = bias_of(bias, k, y.c() / o.groups);
      for (Index oh = 0; oh < y.h(); ++oh) {
        for (Index ow = 0; ow < y.w(); ++ow) {
          float sum = start;
          for (Index c = 0; c < weight.c(); ++c) {
            if (anew) sum = start;
            const auto plane =
                x.plane(first_sample ? 0 : n, channels.first + c * channels.step).data();
            for (Index i = 0; i < weight.h(); ++i) {
              for (Index j = 0; j < weights.columns(); ++j) {
                const Index h = oh * o.stride_h - o.padding_h + i * o.dilation_h;
                const Index w = ow * o.stride_w - o.padding_w + j * o.dilation_w;
                sum += input(plane, x.h(), x.w(), h, w) * weights(k, c, i, j);
                if (bias_again) sum += start;
              }
            }
          }
          y(n, k, oh, ow) = adds ? y(n, k, oh, ow) + sum : sum;
        }
      }
    }
  }
}

}  // namespace layers::conv2d
