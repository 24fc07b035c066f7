// Four-dimensional arrays in NCHW order: batch, channels, height, width, the width fastest.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace kata {

using Eigen::Index;

/// The sizes of a tensor. Also used for weights (out channels, in channels / groups, height,
/// width).
struct Shape {
  Index n = 0, c = 0, h = 0, w = 0;

  Index size() const { return n * c * h * w; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

/// A window on `shape.size()` contiguous numbers that somebody else owns.
/// `TensorView<const float>` reads, `TensorView<float>` also writes.
template <class T>
class TensorView {
 public:
  using Scalar = std::remove_const_t<T>;
  using Plane = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using PlaneMap = Eigen::Map<std::conditional_t<std::is_const_v<T>, const Plane, Plane>>;
  using Flat = Eigen::Array<Scalar, Eigen::Dynamic, 1>;
  using FlatMap = Eigen::Map<std::conditional_t<std::is_const_v<T>, const Flat, Flat>>;

  TensorView(T* data, Shape shape) : data_(data), shape_(shape) {}

  /// A view that writes is also a view that reads.
  operator TensorView<const T>() const  // NOLINT(google-explicit-constructor)
      requires(!std::is_const_v<T>) {
    return {data_, shape_};
  }

  T* data() const { return data_; }
  Shape shape() const { return shape_; }
  Index n() const { return shape_.n; }
  Index c() const { return shape_.c; }
  Index h() const { return shape_.h; }
  Index w() const { return shape_.w; }
  Index size() const { return shape_.size(); }

  /// One number; in the checked build an index out of range is an error that names it.
  T& operator()(Index n, Index c, Index h, Index w) const {
    eigen_assert(n >= 0 && n < shape_.n && c >= 0 && c < shape_.c && h >= 0 && h < shape_.h &&
                 w >= 0 && w < shape_.w && "TensorView index out of range");
    return data_[((n * shape_.c + c) * shape_.h + h) * shape_.w + w];
  }

  /// Channel c of sample n as an h x w matrix.
  PlaneMap plane(Index n, Index c) const {
    eigen_assert(n >= 0 && n < shape_.n && c >= 0 && c < shape_.c &&
                 "TensorView plane out of range");
    return PlaneMap(data_ + (n * shape_.c + c) * shape_.h * shape_.w, shape_.h, shape_.w);
  }

  /// Sample n as a c x (h w) matrix.
  PlaneMap sample(Index n) const {
    eigen_assert(n >= 0 && n < shape_.n && "TensorView sample out of range");
    return PlaneMap(data_ + n * shape_.c * shape_.h * shape_.w, shape_.c, shape_.h * shape_.w);
  }

  /// Everything as one array, in memory order.
  FlatMap flat() const { return FlatMap(data_, size()); }

 private:
  T* data_;
  Shape shape_;
};

/// A tensor that owns its numbers, all zero at first.
template <class T>
class Tensor {
 public:
  explicit Tensor(Shape shape) : values_(static_cast<std::size_t>(shape.size())), shape_(shape) {}

  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  Shape shape() const { return shape_; }
  Index size() const { return shape_.size(); }

  TensorView<T> view() { return {values_.data(), shape_}; }
  TensorView<const T> view() const { return {values_.data(), shape_}; }
  operator TensorView<T>() { return view(); }              // NOLINT(google-explicit-constructor)
  operator TensorView<const T>() const { return view(); }  // NOLINT(google-explicit-constructor)
  T& operator()(Index n, Index c, Index h, Index w) { return view()(n, c, h, w); }
  const T& operator()(Index n, Index c, Index h, Index w) const { return view()(n, c, h, w); }
  auto flat() { return view().flat(); }
  auto flat() const { return view().flat(); }

 private:
  std::vector<T> values_;
  Shape shape_;
};

}  // namespace kata
