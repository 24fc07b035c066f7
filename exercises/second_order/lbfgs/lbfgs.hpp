// L-BFGS: a quasi-Newton direction from the last few steps, and a minimiser built on it.
//
// Source: J. Nocedal, "Updating Quasi-Newton Matrices with Limited Storage", Math. Comp. 35 (1980);
// D. C. Liu, J. Nocedal, "On the Limited Memory BFGS Method for Large Scale Optimization", Math.
// Programming 45 (1989); J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd ed., section 7.2.
#pragma once

#include <kata/arrays.hpp>
#include <kata/fields.hpp>

namespace second_order::lbfgs {

/// A pair (s, y) is usable if  s.y > kCurvatureThreshold * |s| * |y|,  with Euclidean norms. The
/// test is relative: it does not depend on the units of the variables or of the objective. A pair
/// that holds a NaN or an infinity is not usable.
inline constexpr double kCurvatureThreshold = 1e-10;

/// The L-BFGS direction  d = -H grad.  With the usable pairs numbered 1 (oldest) to k (newest),
/// H = H_k, where
///
///     H_0 = gamma I,   gamma = s_k.y_k / y_k.y_k        (1 if no pair is usable)
///     H_i = (I - rho_i s_i y_i^T) H_{i-1} (I - rho_i y_i s_i^T) + rho_i s_i s_i^T
///     rho_i = 1 / (s_i.y_i)
///
/// Shapes    grad, direction: (n), n >= 1; s, y: (m, n), m >= 0: one pair a row, the oldest in row
///           0. `direction` overlaps none of the others.
/// Cost      O(m n) time, O(m + n) memory beside the arguments: no n x n matrix.
/// Errors    std::invalid_argument, naming the argument, if grad is empty, s has not n columns, y
///           has not the shape of s, or direction has not n entries.
/// Accuracy  |error| <= 1e-10 |direction| if s.y >= 0.1 |s| |y| for each pair and m <= 20.
void lbfgs_direction(kata::In<kata::Vectord> grad, kata::In<kata::Matrixd> s,
                     kata::In<kata::Matrixd> y, kata::Out<kata::Vectord> direction);

struct LbfgsOptions {
  int history = 10;              // most pairs that are kept, >= 1
  double grad_tolerance = 1e-6;  // converged when the largest |entry| of the gradient is this or
                                 // less, >= 0
  int max_iterations = 1000;     // most steps, >= 0
  int max_evaluations = 10000;   // most calls of the objective, >= 1
};
KATA_FIELDS(LbfgsOptions, history, grad_tolerance, max_iterations, max_evaluations)

enum class LbfgsStatus {
  converged,
  max_iterations,      // not converged, and max_iterations steps are done
  max_evaluations,     // neither of these, and no call of the objective is left
  line_search_failed,  // no lower point was found along the direction
};

struct LbfgsResult {
  LbfgsStatus status = LbfgsStatus::line_search_failed;
  double value = 0;      // of the objective at the returned x
  double grad_norm = 0;  // largest |entry| of the gradient there
  int iterations = 0;    // steps done
  int evaluations = 0;   // calls of the objective
};
KATA_FIELDS(LbfgsResult, status, value, grad_norm, iterations, evaluations)

/// Minimises `objective` from `x`, and leaves in `x` the point that the last step reached.
///
/// Start     One call of the objective at x. If the gradient is small enough: converged, no step.
/// Step      From x_k along the direction d of lbfgs_direction for the pairs
///           s = x_{j+1} - x_j, y = g_{j+1} - g_j of the steps before: the newest `history` usable
///           ones (a pair that is not usable pushes none out). With no usable pair yet, d = -g_k.
/// Length    Any that meets the strong Wolfe conditions with c1 = 1e-4 and c2 = 0.9. wolfe_step of
///           wolfe.hpp finds one; where it finds only a lower point, that is the step.
/// Trials    Length 1 first; 1 / |g_k| (Euclidean norm) when d = -g_k for want of a pair.
/// Shapes    x: (n), n >= 1.
/// Errors    std::invalid_argument, naming the argument, if x is empty, an option is out of its
///           range (history, grad_tolerance, max_iterations, max_evaluations), or the value or the
///           gradient at the start is not finite (then it is x that is named). x is unchanged then.
///           What the objective throws passes through.
/// Domain    Away from the start the objective may return NaN or an infinity: such a point is too
///           far, and never returned.
LbfgsResult lbfgs_minimize(const kata::Objective& objective, kata::Out<kata::Vectord> x,
                           const LbfgsOptions& options);

}  // namespace second_order::lbfgs
