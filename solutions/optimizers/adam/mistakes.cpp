// Wrong answers with a name: the whiteboard answer, in which one thing at a time goes wrong.
#include "worker/mistakes.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "optimizers/adam/adam.hpp"

KATA_MISTAKES(
    {"epsilon-inside-root",
     "You took sqrt(v_hat + eps). Algorithm 1 adds eps after the root, sqrt(v_hat) + eps: inside, "
     "1e-8 acts like 1e-4 outside, and gradients below 1e-4 hardly move their parameter.",
     "你写成了 sqrt(v_hat + eps)。算法 1 是开方之后再加：sqrt(v_hat) + eps。放在根号里的 1e-8 "
     "相当于根号外的 1e-4，小于 1e-4 的梯度几乎推不动参数。",
     "erratum 41"},
    {"epsilon-1e-7",
     "You divide with eps = 10e-8, which is 1e-7, whatever options.eps says. The paper's value is "
     "1e-8, and the caller's value is the one to use.",
     "你用的是 10e-8，也就是 1e-7，而且没有理会 options.eps。论文取 "
     "1e-8；这里应使用调用者给的值。",
     "erratum 42"},
    {"no-epsilon",
     "You divide by sqrt(v_hat) alone. A parameter whose gradients have all been zero then gets "
     "0/0: add eps to the root.",
     "你只除以 sqrt(v_hat)。梯度一直为零的参数会得到 0/0：开方之后要加 eps。", "typical slip"},
    {"epsilon-hat",
     "You add eps to the uncorrected root, sqrt(v) + eps, and fold the corrections into the rate. "
     "That is the paper's eps-hat form with another eps: correct v first, or scale eps by "
     "sqrt(1 - beta2^t).",
     "你把 eps 加在了未校正的 sqrt(v) 上，再把校正并入学习率。那是论文里的 eps-hat 形式，eps "
     "的含义已经不同：应先校正 v，或者把 eps 乘以 sqrt(1 - beta2^t)。",
     "pytorch/pytorch#22628, tensorflow/tensorflow#9047"},
    {"no-bias-correction",
     "You use m and v as they are. They start at zero and are too small at first: divide them by "
     "1 - beta1^t and 1 - beta2^t.",
     "你直接用了 m 和 v。它们从零开始，最初偏小：要分别除以 1 - beta1^t 和 1 - beta2^t。",
     "oxiglade/mlx-rs#301"},
    {"bias-correction-m-only",
     "You corrected the bias of m and not that of v. With an uncorrected v the first step is "
     "1/sqrt(1 - beta2) times too long, 31 times with the defaults.",
     "你只校正了 m，没有校正 v。v 不校正时，第一步会长 1/sqrt(1 - beta2) 倍，默认参数下约 31 倍。",
     "typical slip"},
    {"bias-correction-v-only",
     "You corrected the bias of v and not that of m. The first step is then 1 - beta1 times what "
     "it should be, a tenth with the defaults.",
     "你只校正了 v，没有校正 m。第一步只剩应有的 1 - beta1 倍，默认参数下是十分之一。",
     "typical slip"},
    {"bias-correction-constant",
     "You divide by 1 - beta in every step. That is right for t = 1 only: the power t is missing, "
     "1 - beta^t.",
     "你每一步都除以 1 - beta，这只在 t = 1 时成立：缺了 t 次幂，应为 1 - beta^t。",
     "eriklindernoren/ML-From-Scratch#35"},
    {"bias-correction-multiplied",
     "You multiplied by 1 - beta^t. The averages are too small by that factor, so divide by it.",
     "你乘上了 1 - beta^t。滑动平均正是小了这个倍数，所以应当除以它。", "karpathy/convnetjs#70"},
    {"corrected-moments-stored",
     "You wrote the corrected moments back into the state, so that the next step corrects them "
     "again. Keep m and v as the recurrences give them, and correct copies.",
     "你把校正后的矩写回了状态，下一步又会校正一次。状态里保存递推得到的 m 和 "
     "v，校正只作用于副本。",
     "frgfm/holocron#1"},
    {"step-count-from-0",
     "You took the power before counting this step. In the first step t is 1; with 0 the "
     "correction is 1 - 1 = 0, and you divide by it.",
     "你在计入本步之前就取了幂。第一步的 t 是 1；若为 0，校正量是 1 - 1 = 0，除以它就出错。",
     "erratum 43"},
    {"step-count-from-2",
     "Your corrections are one step ahead: the first step uses beta^2. Count the step once, then "
     "take the power.",
     "你的校正快了一步：第一步就用了 beta^2。每步只计数一次，然后再取幂。",
     "tiny-dnn/tiny-dnn#823"},
    {"step-count-not-stored",
     "You computed with t + 1 and left state.t where it was. The next call then takes the same "
     "step number again.",
     "你用 t + 1 做了计算，却没有写回 state.t，下一次调用又会用同一个步数。", "typical slip"},
    {"step-count-static",
     "You count the calls in a variable of your own. The step number belongs to state.t: a "
     "resumed checkpoint, or a second group of parameters, has another one.",
     "你用自己的变量统计调用次数。步数属于 "
     "state.t：从检查点恢复，或者另一组参数，步数都不相同。",
     "typical slip"},
    {"state-reset",
     "Every call starts from m = 0 and v = 0. The averages live on: read state.m and state.v "
     "before you write them.",
     "每次调用都从 m = 0、v = 0 开始。滑动平均要延续：先读 state.m 和 state.v，再写回。",
     "typical slip"},
    {"moments-updated-late",
     "You moved theta with the old m and v and updated them afterwards. This step's gradient "
     "enters the moments first, then theta moves.",
     "你先用旧的 m 和 v 更新了 theta，之后才更新它们。应先让本步梯度进入两个矩，再移动 theta。",
     "typical slip"},
    {"momentum-sum",
     "You took m = beta1 m + g, which is momentum, a sum. Adam's m is a first moment, an average: "
     "the gradient is weighted with 1 - beta1.",
     "你写的是 m = beta1 m + g，那是动量，是累加。Adam 的 m 是一阶矩，是平均：梯度要乘 1 - beta1。",
     "erratum 44"},
    {"v-averages-gradient",
     "Your v averages g. The second moment averages g squared, element by element.",
     "你的 v 平均的是 g。二阶矩平均的是 g 的平方，逐元素计算。", "typical slip"},
    {"no-square-root",
     "You divided by v_hat + eps. v_hat is in units of the gradient squared: without its root the "
     "step depends on the scale of the loss.",
     "你除以了 v_hat + eps。v_hat 的量纲是梯度的平方：不开方，步长就会随损失的尺度变化。",
     "typical slip"},
    {"sign-step",
     "You moved by lr times the sign of the gradient. That is only what the first step from zero "
     "state looks like; later ones need m and v.",
     "你按 lr 乘以梯度的符号来移动。只有从零状态出发的第一步看起来如此，之后要用 m 和 v。",
     "typical slip"},
    {"uphill", "You added the step. Minimising goes against the gradient: subtract it.",
     "你把步长加了上去。求最小值要沿负梯度方向走：应当减去。", "erratum 13"},
    {"betas-swapped",
     "beta1 and beta2 are exchanged: beta1 (0.9) belongs to m, beta2 (0.999) to v.",
     "beta1 和 beta2 用反了：beta1（0.9）属于 m，beta2（0.999）属于 v。", "typical slip"},
    {"float-hyperparameters",
     "You rounded beta2 to float before you took 1 - beta2: 1 - 0.999f is off by 1.3e-5, and so "
     "is v. Compute 1 - beta and beta^t in double.",
     "你先把 beta2 变成了 float，再算 1 - beta2：1 - 0.999f 有 1.3e-5 的相对误差，v 也随之出错。1 "
     "- "
     "beta 和 beta^t 要用 double 计算。",
     "typical slip"},
    {"amsgrad-ignored",
     "options.amsgrad changes nothing in your answer. With it, keep v_max = max(v_max, v) and "
     "divide by the root of v_max.",
     "你的答案没有理会 options.amsgrad。打开时要保存 v_max = max(v_max, v)，并除以 v_max "
     "的平方根。",
     "typical slip"},
    {"amsgrad-max-of-corrected",
     "You took the maximum over the corrected v_hat. Here, as in PyTorch's code, v_max is the "
     "largest uncorrected v, and is corrected afterwards.",
     "你对校正后的 v_hat 取了最大值。这里和 PyTorch 的代码一样：v_max 是未校正的 v "
     "的最大值，之后再校正。",
     "pytorch/pytorch#142323"},
    {"amsgrad-overwrites-v",
     "You stored the maximum in v itself. v has to keep falling under it: the next average starts "
     "from v, and only the divisor is v_max.",
     "你把最大值存进了 v。v 仍要照常下降：下一次平均从 v 开始，只有除数才用 v_max。",
     "typical slip"},
    {"v-max-without-amsgrad",
     "You updated v_max although amsgrad is off. It is to be left alone then.",
     "amsgrad 没有打开，你却更新了 v_max，此时不应动它。", "typical slip"},
    {"weight-decay-ignored",
     "options.weight_decay changes nothing in your answer. Add weight_decay * theta to the "
     "gradient before the moments.",
     "你的答案没有理会 options.weight_decay。要在计算矩之前把 weight_decay * theta 加到梯度上。",
     "typical slip"},
    {"decoupled-weight-decay",
     "You shrank theta by lr * weight_decay * theta beside the step. That is AdamW; an L2 penalty "
     "goes into the gradient, and through m and v.",
     "你在步长之外让 theta 缩小了 lr * weight_decay * theta，那是 AdamW；L2 惩罚要加进梯度，并经过 "
     "m "
     "和 v。",
     "typical slip"},
    {"weight-decay-m-only",
     "Your v still averages the gradient without its penalty. The decayed gradient "
     "g + weight_decay * theta enters both moments.",
     "你的 v 平均的仍是不含惩罚的梯度。g + weight_decay * theta 要同时进入两个矩。",
     "typical slip"},
    {"counts-before-checking",
     "You moved state.t on before you looked at the arguments. When a call is refused, nothing "
     "may have changed: check first.",
     "你还没检查参数就增加了 state.t。调用被拒绝时，什么都不应改变：先检查。", "typical slip"})

namespace optimizers::adam {
namespace {

using kata::mistake;

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

void check(Eigen::Index n, Eigen::Index grad_size, const AdamState& state,
           const AdamOptions& options) {
  require(grad_size == n, "grad does not have the size of theta");
  require(state.m.size() == n, "m does not have the size of theta");
  require(state.v.size() == n, "v does not have the size of theta");
  require(state.v_max.size() == n, "v_max does not have the size of theta");
  require(options.lr >= 0, "lr is not >= 0");
  require(options.beta1 >= 0 && options.beta1 < 1, "beta1 is not in [0, 1)");
  require(options.beta2 >= 0 && options.beta2 < 1, "beta2 is not in [0, 1)");
  require(options.eps >= 0, "eps is not >= 0");
  require(options.weight_decay >= 0, "weight_decay is not >= 0");
}

double count_step(AdamState& state) {
  static std::int64_t calls = 0;
  calls += 1;
  const std::int64_t before = state.t;
  if (!mistake("step-count-not-stored") && !mistake("counts-before-checking")) state.t += 1;
  if (mistake("step-count-from-0")) return static_cast<double>(before);
  if (mistake("step-count-from-2")) return static_cast<double>(before + 2);
  if (mistake("step-count-static")) return static_cast<double>(calls);
  if (mistake("counts-before-checking")) return static_cast<double>(before);
  return static_cast<double>(before + 1);
}

struct Corrections {
  double m, v;
};

Corrections corrections(double beta1, double beta2, double t) {
  if (mistake("no-bias-correction")) return {1, 1};
  if (mistake("bias-correction-constant")) return {1 - beta1, 1 - beta2};
  const Corrections right{1 - std::pow(beta1, t), 1 - std::pow(beta2, t)};
  if (mistake("bias-correction-m-only")) return {right.m, 1};
  if (mistake("bias-correction-v-only")) return {1, right.v};
  if (mistake("bias-correction-multiplied")) return {1 / right.m, 1 / right.v};
  return right;
}

double divisor_of(double v, double correction, double eps) {
  const double v_hat = v / correction;
  if (mistake("epsilon-inside-root")) return std::sqrt(v_hat + eps);
  if (mistake("no-epsilon")) return std::sqrt(v_hat);
  if (mistake("epsilon-hat")) return (std::sqrt(v) + eps) / std::sqrt(correction);
  if (mistake("no-square-root")) return v_hat + eps;
  return std::sqrt(v_hat) + eps;
}

}  // namespace

void adam_step(kata::Out<kata::Vectorf> theta, kata::In<kata::Vectorf> grad, AdamState& state,
               const AdamOptions& options) {
  if (mistake("counts-before-checking")) state.t += 1;
  check(theta.size(), grad.size(), state, options);

  double beta1 = options.beta1, beta2 = options.beta2;
  if (mistake("betas-swapped")) std::swap(beta1, beta2);
  if (mistake("float-hyperparameters")) {
    beta1 = static_cast<float>(beta1);
    beta2 = static_cast<float>(beta2);
  }
  const double eps = mistake("epsilon-1e-7") ? 10e-8 : options.eps;
  const double decay = mistake("weight-decay-ignored") ? 0 : options.weight_decay;
  const bool amsgrad = options.amsgrad && !mistake("amsgrad-ignored");
  const Corrections correction = corrections(beta1, beta2, count_step(state));

  for (Eigen::Index i = 0; i < theta.size(); ++i) {
    const double decayed = grad[i] + decay * theta[i];
    const double g = mistake("decoupled-weight-decay") ? grad[i] : decayed;
    const double g_of_v = mistake("weight-decay-m-only") ? grad[i] : g;
    const double m_before = mistake("state-reset") ? 0 : state.m[i];
    const double v_before = mistake("state-reset") ? 0 : state.v[i];

    const double m = beta1 * m_before + (mistake("momentum-sum") ? 1 : 1 - beta1) * g;
    const double v = beta2 * v_before +
                     (1 - beta2) * (mistake("v-averages-gradient") ? g_of_v : g_of_v * g_of_v);
    state.m[i] = static_cast<float>(m);
    state.v[i] = static_cast<float>(v);

    double divisor = v, v_correction = correction.v;
    if (amsgrad && mistake("amsgrad-max-of-corrected")) {
      state.v_max[i] = std::max(state.v_max[i], static_cast<float>(v / correction.v));
      divisor = state.v_max[i];
      v_correction = 1;
    } else if (amsgrad || mistake("v-max-without-amsgrad")) {
      state.v_max[i] = std::max(state.v_max[i], state.v[i]);
      if (amsgrad) divisor = state.v_max[i];
      if (mistake("amsgrad-overwrites-v")) state.v[i] = state.v_max[i];
    }

    double m_used = m;
    if (mistake("moments-updated-late")) m_used = m_before, divisor = v_before;
    const double m_hat = m_used / correction.m;
    double step = options.lr * m_hat / divisor_of(divisor, v_correction, eps);
    if (mistake("sign-step")) step = options.lr * ((g > 0) - (g < 0));
    if (mistake("uphill")) step = -step;
    if (mistake("decoupled-weight-decay")) step += options.lr * decay * theta[i];
    theta[i] -= static_cast<float>(step);

    if (mistake("corrected-moments-stored")) {
      state.m[i] = static_cast<float>(m / correction.m);
      state.v[i] = static_cast<float>(v / correction.v);
    }
  }
}

}  // namespace optimizers::adam
