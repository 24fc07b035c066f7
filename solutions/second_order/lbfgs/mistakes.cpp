// Wrong answers with a name: the whiteboard answer, in which one thing at a time goes wrong.
#include "worker/mistakes.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "second_order/lbfgs/lbfgs.hpp"
#include "second_order/lbfgs/wolfe.hpp"

KATA_MISTAKES(
    {"second-loop-reversed",
     "Both of your loops run from the newest pair to the oldest. The second one undoes the first "
     "from the inside out: it runs from the oldest to the newest.",
     "你的两个循环都从最新的一对走到最旧的一对。第二个循环要由内向外还原第一个循环：应从最旧走到最"
     "新。",
     "typical slip"},
    {"rows-newest-first",
     "You took row 0 for the newest pair. The oldest pair stands in row 0, the newest in the last "
     "row.",
     "你把第 0 行当成了最新的一对。第 0 行是最旧的一对，最后一行才是最新的。", "typical slip"},
    {"gamma-of-s",
     "Your gamma is s.s / s.y. H_0 stands for the inverse Hessian along y: gamma = s.y / y.y.",
     "你的 gamma 是 s·s / s·y。H_0 近似的是逆 Hessian 在 y 方向上的大小：gamma = s·y / y·y。",
     "typical slip"},
    {"no-gamma",
     "You start the second loop from H_0 = I. Between the loops, scale q by s.y / y.y of the "
     "newest "
     "usable pair: without it the first trial of each search has the wrong length.",
     "你的第二个循环从 H_0 = I 开始。两个循环之间要用最新可用的一对把 q 乘以 s·y / y·y，否则每次"
     "线搜索的第一个试探步长都不对。",
     "typical slip"},
    {"gamma-of-oldest",
     "You scale H_0 by the oldest pair. That is how full BFGS starts; L-BFGS takes the newest "
     "usable pair, anew in each iteration.",
     "你用最旧的一对来缩放 H_0。完整的 BFGS 才这样开始；L-BFGS 每次迭代都用最新可用的一对。",
     "typical slip"},
    {"gamma-of-unusable",
     "You take gamma from the last row even if that pair fails the curvature test. A pair that is "
     "not usable takes no part at all: gamma comes from the newest one that passes.",
     "即使最后一行没有通过曲率检验，你仍用它来算 gamma。不可用的一对完全不参与：gamma 取自最新的"
     "可用的一对。",
     "typical slip"},
    {"plus-in-first-loop",
     "Your first loop adds alpha y to q. It multiplies by I - rho y s^T: q -= alpha y.",
     "你的第一个循环把 alpha·y 加到了 q 上。它要乘的是 I - rho·y·sᵀ：应为 q -= alpha·y。",
     "typical slip"},
    {"beta-missing",
     "Your second loop adds alpha s and forgets beta = y.q / s.y. Without it H y = s does not "
     "hold: "
     "q += (alpha - beta) s.",
     "你的第二个循环只加了 alpha·s，漏掉了 beta = y·q / s·y。没有它，H·y = s 就不成立：应为 "
     "q += (alpha - beta)·s。",
     "typical slip"},
    {"rho-of-s", "Your rho is 1 / s.s. It is 1 / s.y: only then does the update satisfy H y = s.",
     "你的 rho 是 1 / s·s。它应当是 1 / s·y：只有这样更新后才满足 H·y = s。", "typical slip"},
    {"rho-shifted",
     "Your second loop takes the rho of the neighbouring pair. Each pair has its own: compute rho "
     "from the s and y that you use beside it.",
     "你的第二个循环用了相邻一对的 rho。每一对有自己的 rho：要用同一对的 s 和 y 来算。",
     "typical slip"},
    {"s-and-y-exchanged",
     "You exchanged s and y: that builds the Hessian, and you need its inverse. H maps y, the "
     "change of the gradient, to s, the step.",
     "你把 s 和 y 互换了：这样得到的是 Hessian，而需要的是它的逆。H 把梯度的变化 y 映成步 s。",
     "typical slip"},
    {"ascent", "You return +H grad, which goes up. The direction is -H grad.",
     "你返回的是 +H·grad，这是上升方向。应返回 -H·grad。", "typical slip"},
    {"no-curvature-check",
     "You use every pair. With s.y <= 0 the matrix H is no longer positive definite and the "
     "direction may go up; with s.y = 0 you divide by zero. Ignore pairs that fail the test.",
     "你使用了所有的对。s·y <= 0 时 H 不再正定，方向可能上升；s·y = 0 时还会除以零。没有通过检验的"
     "对要忽略。",
     "argmin-rs/argmin#357, google-deepmind/optax#1708"},
    {"curvature-of-either-sign",
     "You test |s.y|. A pair of negative curvature passes then, and H is no longer positive "
     "definite. The sign matters: s.y itself must be above the threshold.",
     "你检验的是 |s·y|。这样负曲率的对也会通过，H 就不再正定。符号是要紧的：s·y 本身必须大于阈值。",
     "ooples/AiDotNet#739"},
    {"curvature-absolute",
     "You compare s.y with a fixed number. In other units a good pair fails, or a bad one passes: "
     "compare with kCurvatureThreshold |s| |y|.",
     "你把 s·y 与一个固定的数相比。换了单位，好的对会被丢弃，坏的对会通过：应与 "
     "kCurvatureThreshold·|s|·|y| 相比。",
     "torch.optim.LBFGS 1.13 (ys > 1e-10)"},
    {"curvature-sign-only",
     "You use a pair as soon as s.y > 0. When s and y are almost perpendicular, s.y is rounding "
     "noise, and 1 / s.y throws the direction anywhere: ask for more than kCurvatureThreshold "
     "|s| |y|.",
     "只要 s·y > 0 你就使用这一对。s 与 y 几乎垂直时，s·y 只是舍入误差，1 / s·y "
     "会把方向带到任何地方："
     "应要求大于 kCurvatureThreshold·|s|·|y|。",
     "typical slip"},
    {"evicts-newest",
     "When the history is full, you overwrite the newest pair. The oldest must leave: it knows "
     "the least about where x is now.",
     "历史满了以后，你覆盖的是最新的一对。应当离开的是最旧的：它对 x 现在的位置知道得最少。",
     "typical slip"},
    {"history-of-one",
     "You keep the last pair only, whatever options.history says. Keep up to `history` pairs.",
     "不管 options.history 是多少，你只保留最后一对。应保留至多 history 对。", "typical slip"},
    {"history-one-behind",
     "Your pairs are one iteration behind: the direction is computed before the pair of the last "
     "step is stored. Store it first.",
     "你的对晚了一次迭代：还没存入上一步的对，就先算了方向。应先存入。", "gonum/optimize#8"},
    {"stale-gradient",
     "Your y is the new gradient minus the gradient at the start. Keep the gradient of the point "
     "before this step, and renew it after every step: y = g_{k+1} - g_k.",
     "你的 y 是新梯度减去起点的梯度。要保存这一步之前的梯度，并在每步之后更新：y = g_{k+1} - g_k。",
     "typical slip"},
    {"s-without-length",
     "You stored the direction as s. The step is s = x_{k+1} - x_k, the direction times the length "
     "that the search found.",
     "你把方向当成 s 存了起来。步是 s = x_{k+1} - x_k，即方向乘以线搜索得到的步长。",
     "typical slip"},
    {"first-trial-always-short",
     "You try the length 1 / |g| first in every search. Once there is a pair, H has the scale in "
     "it: try 1 first, or each iteration wastes evaluations.",
     "每次线搜索你都先试 1 / |g|。有了一对之后，H 里已经有了尺度：应先试 "
     "1，否则每次迭代都浪费求值。",
     "typical slip"},
    {"euclidean-gradient-norm",
     "You measure the gradient by its Euclidean norm. Here convergence is judged by its largest "
     "|entry|, and that is the grad_norm to return.",
     "你用欧几里得范数衡量梯度。这里收敛由梯度分量的最大绝对值判断，grad_norm 也返回它。",
     "typical slip"},
    {"stops-on-small-decrease",
     "You stop when the value hardly falls. In a flat valley that happens far from the minimum: "
     "the gradient alone says whether it has converged.",
     "函数值几乎不降时你就停了。在平坦的谷里，离极小点很远时也会这样：是否收敛只看梯度。",
     "typical slip"},
    {"counts-searches",
     "You count one evaluation an iteration. A search may call the objective several times: add "
     "the evaluations that it reports.",
     "你每次迭代只计一次求值。一次线搜索可能多次调用目标函数：应加上它报告的求值次数。",
     "typical slip"},
    {"budget-ignored",
     "You look at max_evaluations between two searches only, and a search may then go beyond it. "
     "Hand each search what is left.",
     "你只在两次线搜索之间检查 max_evaluations，线搜索可能超出它。要把剩余的次数交给每次线搜索。",
     "typical slip"})

namespace second_order::lbfgs {
namespace {

using kata::In;
using kata::Index;
using kata::Matrixd;
using kata::mistake;
using kata::Out;
using kata::Vectord;

void require(bool holds, const std::string& message) {
  if (!holds) throw std::invalid_argument(message);
}

bool usable(In<Vectord> s, In<Vectord> y) {
  const double sy = s.dot(y);
  if (mistake("no-curvature-check")) return true;
  if (mistake("curvature-of-either-sign")) return std::abs(sy) > 1e-10;
  if (mistake("curvature-absolute")) return sy > 1e-10;
  if (mistake("curvature-sign-only")) return sy > 0;
  return sy > kCurvatureThreshold * s.norm() * y.norm();
}

/// H q from the rows of s and y that are listed in `used`, the oldest first; `gamma_row` scales
/// H_0.
void two_loops(Vectord& q, In<Matrixd> s, In<Matrixd> y, const std::vector<Index>& used,
               Index gamma_row) {
  const auto rho = [&](std::size_t k) {
    const auto s_k = s.row(used[k]), y_k = y.row(used[k]);
    return 1 / (mistake("rho-of-s") ? s_k.squaredNorm() : s_k.dot(y_k));
  };
  std::vector<double> alpha(used.size());
  for (std::size_t k = used.size(); k-- > 0;) {
    const auto s_k = s.row(used[k]), y_k = y.row(used[k]);
    alpha[k] = s_k.dot(q) * rho(k);
    q += (mistake("plus-in-first-loop") ? alpha[k] : -alpha[k]) * y_k.transpose();
  }
  if (!mistake("no-gamma")) {
    const auto s_k = s.row(gamma_row), y_k = y.row(gamma_row);
    q *=
        mistake("gamma-of-s") ? s_k.squaredNorm() / s_k.dot(y_k) : s_k.dot(y_k) / y_k.squaredNorm();
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    const std::size_t k = mistake("second-loop-reversed") ? used.size() - 1 - i : i;
    const auto s_k = s.row(used[k]), y_k = y.row(used[k]);
    const double beta = y_k.dot(q) * rho(mistake("rho-shifted") && k > 0 ? k - 1 : k);
    q += (mistake("beta-missing") ? alpha[k] : alpha[k] - beta) * s_k.transpose();
  }
}

}  // namespace

void lbfgs_direction(In<Vectord> grad, In<Matrixd> s, In<Matrixd> y, Out<Vectord> direction) {
  const Index n = grad.size();
  require(n >= 1, "grad is empty");
  require(s.cols() == n, "s needs one column for each entry of grad");
  require(y.rows() == s.rows() && y.cols() == n, "y needs the shape of s");
  require(direction.size() == n, "direction needs the size of grad");

  std::vector<Index> used;
  for (Index i = 0; i < s.rows(); ++i) {
    const Index row = mistake("rows-newest-first") ? s.rows() - 1 - i : i;
    if (usable(s.row(row).transpose(), y.row(row).transpose())) used.push_back(row);
  }
  Vectord q = grad;
  if (!used.empty()) {
    Index gamma_row = mistake("gamma-of-oldest") ? used.front() : used.back();
    if (mistake("gamma-of-unusable")) gamma_row = s.rows() - 1;
    if (mistake("s-and-y-exchanged"))
      two_loops(q, y, s, used, gamma_row);
    else
      two_loops(q, s, y, used, gamma_row);
  }
  direction = mistake("ascent") ? q : Vectord(-q);
}

LbfgsResult lbfgs_minimize(const kata::Objective& objective, Out<Vectord> x,
                           const LbfgsOptions& options) {
  require(x.size() >= 1, "x is empty");
  require(options.history >= 1, "history is less than 1");
  require(options.grad_tolerance >= 0, "grad_tolerance is not a number >= 0");
  require(options.max_iterations >= 0, "max_iterations is negative");
  require(options.max_evaluations >= 1, "max_evaluations is less than 1");

  Point here{x, 0, Vectord::Zero(x.size())};
  here.value = objective(here.x, here.grad);
  require(std::isfinite(here.value) && here.grad.allFinite(),
          "x: the objective or its gradient is not finite at the start");

  const Vectord first_grad = here.grad;
  Point there = here;
  const Index history = mistake("history-of-one") ? 1 : options.history;
  Matrixd s(history, x.size()), y(history, x.size());
  Index pairs = 0;
  Vectord direction(x.size()), late_s, late_y;
  double last_value = std::numeric_limits<double>::infinity();
  LbfgsResult result;
  result.evaluations = 1;
  for (;; ++result.iterations) {
    result.value = here.value;
    result.grad_norm =
        mistake("euclidean-gradient-norm") ? here.grad.norm() : here.grad.cwiseAbs().maxCoeff();
    result.status = LbfgsStatus::converged;
    if (result.grad_norm <= options.grad_tolerance) break;
    if (mistake("stops-on-small-decrease") &&
        last_value - here.value <= 1e-6 * std::abs(here.value))
      break;
    last_value = here.value;
    result.status = LbfgsStatus::max_iterations;
    if (result.iterations == options.max_iterations) break;
    result.status = LbfgsStatus::max_evaluations;
    if (result.evaluations >= options.max_evaluations) break;

    lbfgs_direction(here.grad, s.topRows(pairs), y.topRows(pairs), direction);
    const bool is_short = pairs == 0 || mistake("first-trial-always-short");
    const int left = options.max_evaluations - result.evaluations;
    const WolfeStep step =
        wolfe_step(objective, here, direction, is_short ? 1 / here.grad.norm() : 1,
                   mistake("budget-ignored") ? kMostTrials : left, there);
    result.evaluations += mistake("counts-searches") ? 1 : step.evaluations;
    if (step.found == Found::nothing) {
      if (step.evaluations < left) result.status = LbfgsStatus::line_search_failed;
      break;
    }

    Vectord s_new = there.x - here.x, y_new = there.grad - here.grad;
    if (mistake("s-without-length")) s_new = direction;
    if (mistake("stale-gradient")) y_new = there.grad - first_grad;
    if (mistake("history-one-behind")) {
      std::swap(s_new, late_s);
      std::swap(y_new, late_y);
    }
    if (s_new.size() > 0 && usable(s_new, y_new)) {
      if (pairs == history) {
        for (Index i = 1; i < pairs && !mistake("evicts-newest"); ++i) {
          s.row(i - 1) = s.row(i);
          y.row(i - 1) = y.row(i);
        }
        --pairs;
      }
      s.row(pairs) = s_new.transpose();
      y.row(pairs) = y_new.transpose();
      ++pairs;
    }
    std::swap(here, there);
  }
  x = here.x;
  return result;
}

}  // namespace second_order::lbfgs
