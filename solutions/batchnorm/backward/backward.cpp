// The reference: two sweeps over whole rows, the first down for the sums, the second up for dx,
// which so finds in the cache what the first one read last. NOTES.md says what it gains and what
// limits it.
#include "batchnorm/backward/backward.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace batchnorm::backward {
namespace {

using kata::Index;

// A tile of a row: four vectors of sixteen lanes. Its two sums fill eight registers, which hides
// the latency of an addition.
constexpr int kTile = 64;
using Tile = Eigen::Array<float, 1, kTile>;
using LastTile = Eigen::Array<float, 1, Eigen::Dynamic, Eigen::RowMajor, 1, kTile>;
// Rows that share one load and store of a tile's sums. Walking down a column of tiles instead would
// keep the sums in registers, but where a row is 4096 bytes all its rows fall into the same few
// cache sets: 1.8 times slower.
constexpr Index kRows = 4;

template <class Array>
void require_shape(const char* name, const Array& a, Index rows, Index cols) {
  if (a.rows() == rows && a.cols() == cols) return;
  throw std::invalid_argument(std::string(name) + " is " + std::to_string(a.rows()) + " x " +
                              std::to_string(a.cols()) + " where dy asks for " +
                              std::to_string(rows) + " x " + std::to_string(cols) + ".");
}

template <class T>
Eigen::Map<const T> tile(const float* at, Index width) {
  return Eigen::Map<const T>(at, 1, width);
}

/// Adds rows [begin, end) of `width` columns from `col` on to sum_dy and sum_dy_x_hat.
template <class T>
void add_rows(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat, Index begin, Index end,
              Index col, Index width, float* sum_dy, float* sum_dy_x_hat) {
  T plain = tile<T>(sum_dy + col, width), weighted = tile<T>(sum_dy_x_hat + col, width);
  for (Index i = begin; i < end; ++i) {
    const auto g = tile<T>(dy.data() + i * dy.outerStride() + col, width);
    plain += g;
    weighted += g * tile<T>(x_hat.data() + i * x_hat.outerStride() + col, width);
  }
  Eigen::Map<T>(sum_dy + col, 1, width) = plain;
  Eigen::Map<T>(sum_dy_x_hat + col, 1, width) = weighted;
}

/// The numbers that all rows of a column share.
struct Columns {
  Eigen::ArrayXf mean_dy, mean_dy_x_hat, scale;
};

/// Rows [begin, end) of `width` columns of dx, the last row first.
template <class T>
void write_rows(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat, const Columns& columns,
                Index begin, Index end, Index col, Index width, kata::Out<kata::Matrixf> dx) {
  const T mean_dy = tile<T>(columns.mean_dy.data() + col, width);
  const T mean_dy_x_hat = tile<T>(columns.mean_dy_x_hat.data() + col, width);
  const T scale = tile<T>(columns.scale.data() + col, width);
  for (Index i = end - 1; i >= begin; --i)
    Eigen::Map<T>(dx.data() + i * dx.outerStride() + col, 1, width) =
        (tile<T>(dy.data() + i * dy.outerStride() + col, width) - mean_dy -
         tile<T>(x_hat.data() + i * x_hat.outerStride() + col, width) * mean_dy_x_hat) *
        scale;
}

}  // namespace

void batchnorm_backward(kata::In<kata::Matrixf> dy, kata::In<kata::Matrixf> x_hat,
                        kata::In<kata::Vectorf> gamma, kata::In<kata::Vectorf> inv_std,
                        kata::Out<kata::Matrixf> dx, kata::Out<kata::Vectorf> dgamma,
                        kata::Out<kata::Vectorf> dbeta) {
  const Index n = dy.rows(), d = dy.cols();
  if (n == 0) throw std::invalid_argument("dy has no rows; a batch has at least one.");
  require_shape("x_hat", x_hat, n, d);
  require_shape("gamma", gamma, d, 1);
  require_shape("inv_std", inv_std, d, 1);
  require_shape("dx", dx, n, d);
  require_shape("dgamma", dgamma, d, 1);
  require_shape("dbeta", dbeta, d, 1);

  // One tile to a row: all of its rows at once, since nothing is gained by leaving it.
  const Index rows = d <= kTile ? n : kRows;
  const Index whole = d - d % kTile;

  dbeta.setZero();
  dgamma.setZero();
  for (Index i = 0; i < n; i += rows) {
    const Index end = std::min(n, i + rows);
    for (Index col = 0; col < whole; col += kTile)
      add_rows<Tile>(dy, x_hat, i, end, col, kTile, dbeta.data(), dgamma.data());
    if (whole < d)
      add_rows<LastTile>(dy, x_hat, i, end, whole, d - whole, dbeta.data(), dgamma.data());
  }

  const auto m = static_cast<float>(n);
  const Columns columns{dbeta.array() / m, dgamma.array() / m, gamma.array() * inv_std.array()};
  for (Index end = n; end > 0; end -= std::min(end, rows)) {
    const Index begin = end - std::min(end, rows);
    for (Index col = 0; col < whole; col += kTile)
      write_rows<Tile>(dy, x_hat, columns, begin, end, col, kTile, dx);
    if (whole < d) write_rows<LastTile>(dy, x_hat, columns, begin, end, whole, d - whole, dx);
  }
}

}  // namespace batchnorm::backward
