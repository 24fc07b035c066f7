// The arrays of the interfaces. Inputs are read-only views, results are written where the caller
// says: nothing is allocated for a result, and an input cannot be changed.
#pragma once

#include <Eigen/Core>
#include <functional>

namespace kata {

using Eigen::Index;

/// Row-major matrices (N x D): one row a sample.
using Matrixf = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Matrixd = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vectorf = Eigen::VectorXf;
using Vectord = Eigen::VectorXd;

template <class Array>
using In = const Eigen::Ref<const Array>&;  ///< read by the callee
template <class Array>
using Out = Eigen::Ref<Array>;  ///< written by the callee, or read and written

/// f(x, grad) returns the value at x and writes the gradient there into `grad`, which has x's size.
using Objective = std::function<double(In<Vectord> x, Out<Vectord> grad)>;

}  // namespace kata
