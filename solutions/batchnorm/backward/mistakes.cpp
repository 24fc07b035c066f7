// The whiteboard answer with one mistake at a time.
#include <stdexcept>
#include <string>

#include "batchnorm/backward/backward.hpp"
#include "worker/mistakes.hpp"

KATA_MISTAKES(
    {"article-formula",
     "Your dx of a row uses the dy of that row alone. x_i moves the mean and the variance of its "
     "column, and through them the x_hat of every row: two sums over the batch belong in dx.",
     "你的 dx 每一行只用到了本行的 dy。x_i 会改变所在列的均值和方差，进而改变每一行的 x_hat："
     "dx 里必须有两个对整个批次的求和。",
     "errata 69, 70"},
    {"no-variance-path",
     "Your dx is what you get when the variance is treated as a constant. x moves the variance as "
     "well as the mean: the term -x_hat * mean(dy * x_hat) is missing.",
     "你的 dx 相当于把方差当成常数。x 不仅改变均值，也改变方差：缺少 -x_hat * mean(dy * x_hat) "
     "这一项。",
     "typical slip"},
    {"no-mean-path",
     "Your dx is what you get when the mean is treated as a constant. Raising one x raises the "
     "mean, which lowers every x_hat of the column: the term -mean(dy) is missing.",
     "你的 dx 相当于把均值当成常数。某个 x 增大会使均值增大，从而使该列所有 x_hat 减小："
     "缺少 -mean(dy) 这一项。",
     "typical slip"},
    {"statistics-constant",
     "Your dx is gamma * inv_std * dy: the gradient of evaluation mode, where mean and variance "
     "are stored constants. In training mode they are functions of this very batch.",
     "你的 dx 是 gamma * inv_std * dy，这是推理模式的梯度，那时均值和方差是存好的常数。"
     "训练模式下它们是当前批次的函数。",
     "typical slip"},
    {"gamma-forgotten",
     "Your dx lacks the factor gamma: y = gamma * x_hat + beta, so dL/dx_hat is gamma * dy, not "
     "dy. A test whose gamma is 1 does not see it.",
     "你的 dx 少了因子 gamma：y = gamma * x_hat + beta，所以 dL/dx_hat 是 gamma * dy 而不是 dy。"
     "gamma 等于 1 的测试看不出这个错误。",
     "denizyuret/Knet.jl#288"},
    {"gamma-twice",
     "Your dx has gamma in it twice. It enters once, where dy becomes dL/dx_hat; the sums over dy "
     "inherit it from there or get it from a common factor, not both.",
     "你的 dx 里 gamma 乘了两次。它只在 dy 变成 dL/dx_hat 时进入一次：要么由求和继承，"
     "要么作为公因子提出，不能两者都做。",
     "typical slip"},
    {"inv-std-twice",
     "Your dx has inv_std in it twice. With x_hat at hand both paths need just one factor "
     "inv_std: the others are already inside x_hat.",
     "你的 dx 里 inv_std 乘了两次。既然用的是 x_hat，两条路径都只需要一个 inv_std："
     "其余的已经包含在 x_hat 中。",
     "typical slip"},
    {"inv-std-as-std",
     "You divided by inv_std. The cache holds 1 / sqrt(variance + eps), the reciprocal already: "
     "multiply by it.",
     "你除以了 inv_std。缓存里存的已经是倒数 1 / sqrt(variance + eps)：应当乘以它。",
     "typical slip"},
    {"variance-path-sign",
     "Your variance path has the wrong sign: a larger variance makes x_hat smaller, so the term "
     "with x_hat * mean(dy * x_hat) is subtracted.",
     "你的方差路径符号反了：方差越大 x_hat 越小，所以含 x_hat * mean(dy * x_hat) 的项要减去。",
     "typical slip"},
    {"half-forgotten",
     "Your variance path is twice too large: the derivative of (variance + eps)^(-1/2) brings a "
     "factor 1/2, which cancels the 2 of the square.",
     "你的方差路径大了一倍：(variance + eps)^(-1/2) 求导带来因子 1/2，正好与平方求导的 2 抵消。",
     "typical slip"},
    {"unbiased-count",
     "Your variance path divides by m - 1. The batch is normalised with the biased variance, "
     "divided by m; the unbiased one goes into the running average only.",
     "你的方差路径除以了 m - 1。归一化用的是除以 m 的有偏方差；无偏方差只用于滑动平均。",
     "typical slip"},
    {"projection",
     "You divided the variance path by the sum of x_hat^2 instead of m, as a projection would. "
     "That sum is m * variance / (variance + eps): the same only when eps is zero.",
     "你的方差路径除以了 x_hat^2 之和，而不是 m，像做投影那样。这个和等于 "
     "m * variance / (variance + eps)：只有 eps 为零时两者才相同。",
     "typical slip"},
    {"sums-not-means",
     "You subtracted the sums over the batch where the means belong: each row's share of the mean "
     "and of the variance is 1/m.",
     "你减去的是对批次的求和，而应当是平均：每一行对均值和方差的贡献是 1/m。", "typical slip"},
    {"divided-twice",
     "You divided the sums over the batch by m twice. With 1/m taken out in front, the bracket is "
     "m * dy - sum - x_hat * sum, without another 1/m.",
     "你把对批次的求和除以了两次 m。如果把 1/m 提到前面，括号里就是 m * dy - sum - x_hat * sum，"
     "不再有 1/m。",
     "typical slip"},
    {"along-features",
     "Your sums run along a row, over the features of one sample: that is LayerNorm. BatchNorm "
     "sums over the batch, one column at a time.",
     "你的求和沿着一行、对单个样本的各个特征进行：那是 LayerNorm。BatchNorm 是逐列对批次求和。",
     "typical slip"},
    {"dgamma-without-x-hat",
     "Your dgamma is the sum of dy, which is dbeta. gamma multiplies x_hat: dgamma is the sum of "
     "dy * x_hat.",
     "你的 dgamma 是 dy 之和，那是 dbeta。gamma 乘的是 x_hat：dgamma 应为 dy * x_hat 之和。",
     "typical slip"},
    {"dgamma-with-gamma",
     "Your dgamma has the factor gamma in it: you summed dL/dx_hat * x_hat. The derivative of "
     "gamma * x_hat with respect to gamma is x_hat alone.",
     "你的 dgamma 多了因子 gamma：你求和的是 dL/dx_hat * x_hat。gamma * x_hat 对 gamma "
     "的导数只是 x_hat。",
     "typical slip"},
    {"dgamma-mean",
     "Your dgamma is a mean over the batch. One gamma serves all rows, so their contributions add "
     "up; whether the loss is a mean is already in dy.",
     "你的 dgamma 是对批次的平均。同一个 gamma 作用于所有行，贡献应当相加；"
     "损失是否取平均已经体现在 dy 里。",
     "typical slip"},
    {"dbeta-mean",
     "Your dbeta is a mean over the batch. One beta serves all rows, so their contributions add "
     "up; whether the loss is a mean is already in dy.",
     "你的 dbeta 是对批次的平均。同一个 beta 作用于所有行，贡献应当相加；"
     "损失是否取平均已经体现在 dy 里。",
     "typical slip"},
    {"accumulates",
     "You added to what dgamma and dbeta held before. Here they are overwritten; adding up over "
     "several calls is the caller's business.",
     "你把结果加到了 dgamma 和 dbeta 原有的值上。这里要求覆盖写入；多次调用的累加由调用者负责。",
     "typical slip"},
    {"writes-first",
     "You set dgamma and dbeta to zero before you looked at the shapes: a refused call has then "
     "changed them. Check everything first.",
     "你在检查形状之前就把 dgamma 和 dbeta 置零了：被拒绝的调用因此改动了它们。应当先检查完一切。",
     "typical slip"},
    {"empty-batch",
     "You let a batch without rows pass, and divided by zero. n >= 1 is part of the contract: "
     "throw std::invalid_argument that names dy.",
     "你放过了没有任何行的批次，随后除以了零。n >= 1 是约定的一部分："
     "应抛出 std::invalid_argument 并指明 dy。",
     "typical slip"})

namespace batchnorm::backward {
namespace {

using kata::Index;
using kata::mistake;

void require(bool holds, const char* argument, const char* what) {
  if (!holds) throw std::invalid_argument(std::string(argument) + " " + what);
}

struct Means {
  float dy, dy_x_hat;
};

/// Of one sample over its features, where they should be over the batch.
Means along_features(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat, Index i) {
  return {dy.row(i).mean(), dy.row(i).cwiseProduct(x_hat.row(i)).mean()};
}

/// What the two sums over a column are divided by on their way to dx.
struct Counts {
  float mean, variance;
};

Counts counts(float m, float sum_x_hat_squared) {
  if (mistake("sums-not-means")) return {1, 1};
  if (mistake("divided-twice")) return {m * m, m * m};
  if (mistake("unbiased-count")) return {m, m - 1};
  if (mistake("projection")) return {m, sum_x_hat_squared};
  return {m, m};
}

float scale(float gamma, float inv_std) {
  if (mistake("gamma-forgotten")) return inv_std;
  if (mistake("gamma-twice")) return gamma * gamma * inv_std;
  if (mistake("inv-std-twice")) return gamma * inv_std * inv_std;
  if (mistake("inv-std-as-std")) return gamma / inv_std;
  return gamma * inv_std;
}

/// What is taken off dy before it is scaled.
float taken_off(float dy, float x_hat, Means mean, float m) {
  const float variance_path = x_hat * mean.dy_x_hat;
  if (mistake("article-formula")) return dy / m;
  if (mistake("statistics-constant")) return 0;
  if (mistake("no-variance-path")) return mean.dy;
  if (mistake("no-mean-path")) return variance_path;
  if (mistake("variance-path-sign")) return mean.dy - variance_path;
  if (mistake("half-forgotten")) return mean.dy + 2 * variance_path;
  return mean.dy + variance_path;
}

}  // namespace

void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  const Index n = dy.rows(), d = dy.cols();
  if (mistake("writes-first")) {
    dgamma.setZero();
    dbeta.setZero();
  }
  require(n >= 1 || mistake("empty-batch"), "dy", "has no rows");
  require(x_hat.rows() == n && x_hat.cols() == d, "x_hat", "has not the shape of the gradient");
  require(dx.rows() == n && dx.cols() == d, "dx", "has not the shape of the gradient");
  require(gamma.size() == d, "gamma", "has not one entry a column");
  require(inv_std.size() == d, "inv_std", "has not one entry a column");
  require(dgamma.size() == d, "dgamma", "has not one entry a column");
  require(dbeta.size() == d, "dbeta", "has not one entry a column");

  const auto m = static_cast<float>(n);
  for (Index j = 0; j < d; ++j) {
    float sum_dy = 0, sum_dy_x_hat = 0, sum_x_hat_squared = 0;
    for (Index i = 0; i < n; ++i) {
      sum_dy += dy(i, j);
      sum_dy_x_hat += dy(i, j) * x_hat(i, j);
      sum_x_hat_squared += x_hat(i, j) * x_hat(i, j);
    }
    if (!mistake("accumulates")) dbeta(j) = dgamma(j) = 0;
    dbeta(j) += mistake("dbeta-mean") ? sum_dy / m : sum_dy;
    dgamma(j) += mistake("dgamma-without-x-hat") ? sum_dy
                 : mistake("dgamma-with-gamma")  ? gamma(j) * sum_dy_x_hat
                 : mistake("dgamma-mean")        ? sum_dy_x_hat / m
                                                 : sum_dy_x_hat;

    const Counts count = counts(m, sum_x_hat_squared);
    for (Index i = 0; i < n; ++i) {
      const Means mean = mistake("along-features")
                             ? along_features(dy, x_hat, i)
                             : Means{sum_dy / count.mean, sum_dy_x_hat / count.variance};
      dx(i, j) =
          scale(gamma(j), inv_std(j)) * (dy(i, j) - taken_off(dy(i, j), x_hat(i, j), mean, m));
    }
  }
}

}  // namespace batchnorm::backward
