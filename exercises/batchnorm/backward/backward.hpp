// BatchNorm in training mode: the backward pass, in closed form.
//
// Source: S. Ioffe, C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by
// Reducing Internal Covariate Shift", ICML 2015, arXiv:1502.03167, section 3.
#pragma once

#include <kata/arrays.hpp>

namespace batchnorm::backward {

/// Gradients of a loss L through y = gamma * x_hat + beta, column by column, where x_hat is column
/// j of the batch x with its own mean taken off and divided by its own standard deviation.
///
/// Shapes    dy, x_hat, dx: (n, d), one row a sample, n >= 1, d >= 0.
///           gamma, inv_std, dgamma, dbeta: (d). dy sets n and d; the others are held against it.
/// Inputs    dy = dL/dy. The forward pass left, with the mean and the biased variance (divided by
/// n)
///           of column j of this very batch,
///             inv_std(j) = 1 / sqrt(variance(j) + eps) > 0,
///             x_hat(i, j) = (x(i, j) - mean(j)) * inv_std(j).
///           So each column of x_hat sums to zero up to rounding, and the mean of its squares is
///           variance * inv_std^2: 1 only when eps is nothing beside the variance.
/// Effect    dx = dL/dx, dgamma = dL/dgamma and dbeta = dL/dbeta are overwritten, whatever was in
///           them. Inputs stay unchanged. No output overlaps an input or another output.
/// Errors    std::invalid_argument if dy has no rows (naming dy), or if another array's shape does
///           not match dy's (naming x_hat, gamma, inv_std, dx, dgamma or dbeta, exactly as here).
///           Nothing has been written then. Values are not checked: a NaN in column j makes that
///           column NaN, and no other.
/// Accuracy  the rounding of plain sums in float over n rows. With u = 2^-24 and, in column j,
///           a = mean |dy|, b = mean |dy x_hat|, c = mean |x_hat|,
///             |dx error|     <= u |gamma inv_std| (16 |dy| + (n + 16) (a + (|x_hat| + c) b)),
///             |dgamma error| <= u (n + 4) n b,    |dbeta error| <= u (n + 4) n a.
/// PyTorch   The same gradients as batch_norm(training=True); its forward pass refuses n = 1, here
///           n = 1 is allowed and its dx is zero.
void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta);

}  // namespace batchnorm::backward
