// The typed codec: how the arguments of a call, its results and its callbacks become bytes.
//
// Everything is decided by the types of the function's signature, at compile time:
//
//   values   numbers, bool, enums, std::string, std::vector, owning Eigen arrays, and structs that
//            list their fields (KATA_FIELDS): their bytes stand in the message itself
//   views    Eigen::Ref, TensorView, std::span: the numbers stand in shared memory (read-only for
//   the
//            worker when the element type is const), the message holds place and shape
//   structs with views in them are both: their views behave as views, the rest as values
//
// Two ends: the examiner puts arguments and takes results; the worker takes arguments and puts
// results. Only the examiner reads bytes that it cannot trust, and it never takes the place or the
// shape of a view from them: it remembers its own.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <kata/fields.hpp>
#include <kata/tensor.hpp>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "wire/bytes.hpp"

namespace kata::wire {

using Eigen::Index;

// ---------------------------------------------------------------------------------------------
// Which kind of type is it?

template <class T>
concept Plain = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <class T>
concept Struct = requires(const T* p) {
  kata_fields(p);
};

template <class T>
struct IsEigenPlain : std::false_type {};
template <class S, int R, int C, int O, int MR, int MC>
struct IsEigenPlain<Eigen::Matrix<S, R, C, O, MR, MC>> : std::true_type {};
template <class S, int R, int C, int O, int MR, int MC>
struct IsEigenPlain<Eigen::Array<S, R, C, O, MR, MC>> : std::true_type {};
template <class T>
concept EigenPlain = IsEigenPlain<T>::value;

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
struct IsFunction : std::false_type {};
template <class R, class... A>
struct IsFunction<std::function<R(A...)>> : std::true_type {};

/// What the codec needs of a view: its element type, whether it is read-only, how to make one from
/// memory and how to copy it to and from memory.
template <class T>
struct ViewTraits {
  static constexpr bool is_view = false;
};

/// Up to four sizes: (n, c, h, w) of a tensor, (rows, cols) of a matrix.
struct Extents {
  std::int64_t at[4] = {0, 0, 0, 0};
  friend bool operator==(const Extents&, const Extents&) = default;
  std::int64_t size() const { return at[0] * at[1] * at[2] * at[3]; }
};
inline Extents matrix_extents(Index rows, Index cols) {
  return {{rows, cols, 1, 1}};
}

template <class P, int Options, class Stride>
struct ViewTraits<Eigen::Ref<P, Options, Stride>> {
  static constexpr bool is_view = true;
  static constexpr bool read_only = std::is_const_v<P>;
  using Plain = std::remove_const_t<P>;
  using Scalar = typename Plain::Scalar;
  using View = Eigen::Ref<P, Options, Stride>;

  static Extents extents(const View& v) { return matrix_extents(v.rows(), v.cols()); }
  static View make(std::conditional_t<read_only, const Scalar, Scalar>* data, const Extents& e) {
    using Map = Eigen::Map<std::conditional_t<read_only, const Plain, Plain>>;
    return View(Map(data, e.at[0], e.at[1]));
  }
  static void copy_out(const View& v, Scalar* to) { Eigen::Map<Plain>(to, v.rows(), v.cols()) = v; }
  static void copy_in(View& v, const Scalar* from) requires(!read_only) {
    v = Eigen::Map<const Plain>(from, v.rows(), v.cols());
  }
  static bool fits(const Extents& e) {
    constexpr int rows = Plain::RowsAtCompileTime, cols = Plain::ColsAtCompileTime;
    return (rows == Eigen::Dynamic || e.at[0] == rows) &&
           (cols == Eigen::Dynamic || e.at[1] == cols) && e.at[2] == 1 && e.at[3] == 1;
  }
  /// Owns what a callback was given.
  using Storage = Plain;
  static Storage storage(const Extents& e) { return Plain::Zero(e.at[0], e.at[1]); }
  static View view_of(Storage& s) { return View(s); }
};

template <class T>
struct ViewTraits<TensorView<T>> {
  static constexpr bool is_view = true;
  static constexpr bool read_only = std::is_const_v<T>;
  using Scalar = std::remove_const_t<T>;
  using View = TensorView<T>;

  static Extents extents(const View& v) { return {{v.n(), v.c(), v.h(), v.w()}}; }
  static View make(T* data, const Extents& e) {
    return View(data, {e.at[0], e.at[1], e.at[2], e.at[3]});
  }
  static void copy_out(const View& v, Scalar* to) {
    if (v.size() != 0)
      std::memcpy(to, v.data(), static_cast<std::size_t>(v.size()) * sizeof(Scalar));
  }
  static void copy_in(View& v, const Scalar* from) requires(!read_only) {
    if (v.size() != 0)
      std::memcpy(v.data(), from, static_cast<std::size_t>(v.size()) * sizeof(Scalar));
  }
  static bool fits(const Extents&) { return true; }
  using Storage = Tensor<Scalar>;
  static Storage storage(const Extents& e) { return Storage({e.at[0], e.at[1], e.at[2], e.at[3]}); }
  static View view_of(Storage& s) { return View(s.data(), s.shape()); }
};

template <class T>
struct ViewTraits<std::span<T>> {
  static constexpr bool is_view = true;
  static constexpr bool read_only = std::is_const_v<T>;
  using Scalar = std::remove_const_t<T>;
  using View = std::span<T>;

  static Extents extents(const View& v) { return matrix_extents(static_cast<Index>(v.size()), 1); }
  static View make(T* data, const Extents& e) {
    return View(data, static_cast<std::size_t>(e.at[0]));
  }
  static void copy_out(const View& v, Scalar* to) {
    if (!v.empty()) std::memcpy(to, v.data(), v.size_bytes());
  }
  static void copy_in(View& v, const Scalar* from) requires(!read_only) {
    if (!v.empty()) std::memcpy(v.data(), from, v.size_bytes());
  }
  static bool fits(const Extents& e) { return e.at[1] == 1 && e.at[2] == 1 && e.at[3] == 1; }
  using Storage = std::vector<Scalar>;
  static Storage storage(const Extents& e) { return Storage(static_cast<std::size_t>(e.at[0])); }
  static View view_of(Storage& s) { return View(s); }
};

template <class T>
concept View = ViewTraits<T>::is_view;

/// The element counts of hostile extents are bounded before anything is multiplied or allocated.
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;
inline bool plausible(const Extents& e) {
  std::int64_t size = 1;
  for (const std::int64_t n : e.at) {
    if (n < 0 || n > kMaxElements) return false;
    size *= n;
    if (size > kMaxElements) return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Values

template <class T>
void put_value(Writer& w, const T& value);
template <class T>
T take_value(Reader& r);

/// The fewest bytes that a value of this type takes: what bounds the length of a hostile vector.
template <class T>
constexpr std::size_t least_size() {
  if constexpr (Plain<T>) {
    return std::is_same_v<T, bool> ? 1 : sizeof(T);
  } else if constexpr (Struct<T>) {
    return std::apply(
        [](auto... m) {
          return (std::size_t{0} + ... +
                  least_size<std::remove_cvref_t<decltype(std::declval<T&>().*m)>>());
        },
        kata_fields(static_cast<const T*>(nullptr)));
  } else if constexpr (EigenPlain<T>) {
    constexpr int fixed = T::SizeAtCompileTime == Eigen::Dynamic ? 0 : T::SizeAtCompileTime;
    return 16 + fixed * sizeof(typename T::Scalar);
  } else {
    return 8;
  }
}

template <class T>
void put_value(Writer& w, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    w.put(static_cast<std::uint8_t>(value ? 1 : 0));
  } else if constexpr (Plain<T>) {
    w.put(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    w.put(static_cast<std::uint64_t>(value.size()));
    w.put_bytes(value.data(), value.size());
  } else if constexpr (IsVector<T>::value) {
    w.put(static_cast<std::uint64_t>(value.size()));
    for (const auto& element : value) put_value<typename T::value_type>(w, element);
  } else if constexpr (EigenPlain<T>) {
    w.put(static_cast<std::int64_t>(value.rows()));
    w.put(static_cast<std::int64_t>(value.cols()));
    w.put_bytes(value.data(), static_cast<std::size_t>(value.size()) * sizeof(typename T::Scalar));
  } else {
    static_assert(Struct<T>, "this type cannot cross the wire: list its fields with KATA_FIELDS");
    std::apply([&](auto... m) { (put_value(w, value.*m), ...); },
               kata_fields(static_cast<const T*>(nullptr)));
  }
}

template <class T>
T take_value(Reader& r) {
  if constexpr (std::is_same_v<T, bool>) {
    return r.get<std::uint8_t>() != 0;
  } else if constexpr (Plain<T>) {
    return r.get<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    const std::size_t n = r.count(1);
    return std::string(reinterpret_cast<const char*>(r.take(n)), n);
  } else if constexpr (IsVector<T>::value) {
    using Element = typename T::value_type;
    constexpr std::size_t least = least_size<Element>() == 0 ? 1 : least_size<Element>();
    const std::size_t n = r.count(least);
    T out;
    out.reserve(n);
    for (std::size_t i = 0; i < n; ++i) out.push_back(take_value<Element>(r));
    return out;
  } else if constexpr (EigenPlain<T>) {
    using Scalar = typename T::Scalar;
    const auto rows = r.get<std::int64_t>();
    const auto cols = r.get<std::int64_t>();
    const Extents e = matrix_extents(rows, cols);
    if (!plausible(e) || !ViewTraits<Eigen::Ref<T>>::fits(e))
      throw Malformed{"the reply holds a matrix of an impossible shape"};
    const auto count = static_cast<std::size_t>(rows * cols);
    const std::byte* data = r.take(count * sizeof(Scalar));
    T out(rows, cols);
    if (count != 0) std::memcpy(out.data(), data, count * sizeof(Scalar));
    return out;
  } else {
    static_assert(Struct<T>, "this type cannot cross the wire: list its fields with KATA_FIELDS");
    return std::apply(
        [&](auto... m) {
          return T{take_value<std::remove_cvref_t<decltype(std::declval<T&>().*m)>>(r)...};
        },
        kata_fields(static_cast<const T*>(nullptr)));
  }
}

// ---------------------------------------------------------------------------------------------
// Where a view's numbers are

/// Memory that both processes see. `readable` is mapped read-only in the worker.
struct Arenas {
  std::byte* readable = nullptr;
  std::size_t readable_size = 0;
  std::byte* writable = nullptr;
  std::size_t writable_size = 0;
};

/// A view in a message.
struct Place {
  std::uint64_t offset = 0;
  Extents extents;
};

inline constexpr std::size_t kAlignment = 64;
inline constexpr std::size_t kGuard = 64;  // bytes on both sides of every output
inline constexpr unsigned char kGuardByte = 0xA5;

// ---------------------------------------------------------------------------------------------
// The worker's end

template <class T>
T take_argument(Reader& r, const Arenas& arenas) {
  if constexpr (View<T>) {
    using Traits = ViewTraits<T>;
    const auto place = r.get<Place>();
    std::byte* base = Traits::read_only ? arenas.readable : arenas.writable;
    return Traits::make(reinterpret_cast<typename Traits::Scalar*>(base + place.offset),
                        place.extents);
  } else if constexpr (Struct<T>) {
    return std::apply(
        [&](auto... m) {
          return T{
              take_argument<std::remove_cvref_t<decltype(std::declval<T&>().*m)>>(r, arenas)...};
        },
        kata_fields(static_cast<const T*>(nullptr)));
  } else {
    return take_value<T>(r);
  }
}

/// What a call may have changed in an argument passed by reference, views aside: they are memory
/// that both sides see.
template <class T>
void put_changed(Writer& w, const T& value) {
  if constexpr (View<T>) {
    (void)w;
    (void)value;
  } else if constexpr (Struct<T>) {
    std::apply([&](auto... m) { (put_changed(w, value.*m), ...); },
               kata_fields(static_cast<const T*>(nullptr)));
  } else {
    put_value(w, value);
  }
}

// ---------------------------------------------------------------------------------------------
// The examiner's end

/// Collects the arguments of one call.
class Arguments {
 public:
  explicit Arguments(const Arenas& arenas) : arenas_(arenas) {}

  Writer head;

  /// Reserves room for a view and returns where it is.
  std::byte* reserve(bool read_only, std::size_t size, Place& place) {
    std::size_t& used = read_only ? readable_used_ : writable_used_;
    const std::size_t limit = read_only ? arenas_.readable_size : arenas_.writable_size;
    const std::size_t begin = round_up(used + kGuard);
    if (begin + size + kGuard > limit) throw TooLarge{begin + size + kGuard, limit};
    used = begin + size + kGuard;
    place.offset = begin;
    return (read_only ? arenas_.readable : arenas_.writable) + begin;
  }

  /// The shapes of all arrays of this call: what a callback's arrays are held against.
  std::vector<Extents> shapes;

  struct Output {
    std::byte* begin;
    std::size_t size;
    std::function<void()> copy_back;
    std::function<std::vector<double>()> numbers;
  };
  std::vector<Output> outputs;

  struct TooLarge {
    std::size_t needed, available;
  };

 private:
  static std::size_t round_up(std::size_t n) {
    return (n + kAlignment - 1) / kAlignment * kAlignment;
  }
  const Arenas& arenas_;
  std::size_t readable_used_ = 0;
  std::size_t writable_used_ = 0;
};

/// Puts one argument. Views that may be written are registered to be copied back; `value` must live
/// until then.
template <class T>
void put_argument(Arguments& to, const T& value) {
  if constexpr (View<T>) {
    using Traits = ViewTraits<T>;
    using Scalar = typename Traits::Scalar;
    Place place;
    place.extents = Traits::extents(value);
    const std::size_t size = static_cast<std::size_t>(place.extents.size()) * sizeof(Scalar);
    std::byte* at = to.reserve(Traits::read_only, size, place);
    Traits::copy_out(value, reinterpret_cast<Scalar*>(at));
    to.shapes.push_back(place.extents);
    to.head.put(place);
    if constexpr (!Traits::read_only) {
      std::memset(at - kGuard, kGuardByte, kGuard);
      std::memset(at + size, kGuardByte, kGuard);
      to.outputs.push_back({at, size,
                            [at, view = value]() mutable {
                              Traits::copy_in(view, reinterpret_cast<const Scalar*>(at));
                            },
                            [at, count = size / sizeof(Scalar)] {
                              const auto* numbers = reinterpret_cast<const Scalar*>(at);
                              return std::vector<double>(numbers, numbers + count);
                            }});
    }
  } else if constexpr (Struct<T>) {
    std::apply([&](auto... m) { (put_argument(to, value.*m), ...); },
               kata_fields(static_cast<const T*>(nullptr)));
  } else {
    put_value(to.head, value);
  }
}

/// The numbers in a value, in order; text and views have none.
template <class T>
void append_numbers(std::vector<double>& to, const T& value) {
  if constexpr (Plain<T>) {
    to.push_back(static_cast<double>(value));
  } else if constexpr (IsVector<T>::value) {
    for (const auto& element : value) append_numbers<typename T::value_type>(to, element);
  } else if constexpr (EigenPlain<T>) {
    to.insert(to.end(), value.data(), value.data() + value.size());
  } else if constexpr (Struct<T>) {
    std::apply([&](auto... m) { (append_numbers(to, value.*m), ...); },
               kata_fields(static_cast<const T*>(nullptr)));
  }
}

/// The counterpart of put_changed.
template <class T>
void take_changed(Reader& r, T& value) {
  if constexpr (View<T>) {
    (void)r;
    (void)value;
  } else if constexpr (Struct<T>) {
    std::apply([&](auto... m) { (take_changed(r, value.*m), ...); },
               kata_fields(static_cast<const T*>(nullptr)));
  } else {
    value = take_value<T>(r);
  }
}

// ---------------------------------------------------------------------------------------------
// Callbacks: everything inline, since they are small and many

template <class T>
void put_view_inline(Writer& w, const T& view) {
  using Traits = ViewTraits<T>;
  using Scalar = typename Traits::Scalar;
  const Extents e = Traits::extents(view);
  w.put(e);
  std::vector<Scalar> copy(static_cast<std::size_t>(e.size()));
  Traits::copy_out(view, copy.data());
  w.put_bytes(copy.data(), copy.size() * sizeof(Scalar));
}

/// The learner's code handed a callback an array whose shape is none of the call's own.
struct CallbackShape {
  Extents got;
};

/// One argument of a callback in the examiner: owns its numbers, since the worker's are out of
/// reach.
template <class A>
class CallbackArgument {
  using T = std::remove_cvref_t<A>;

 public:
  static auto take(Reader& r, const std::vector<Extents>& allowed) {
    if constexpr (View<T>) {
      using Traits = ViewTraits<T>;
      using Scalar = typename Traits::Scalar;
      const auto e = r.get<Extents>();
      if (!plausible(e) || !Traits::fits(e))
        throw Malformed{"a callback's array has an impossible shape"};
      const auto bytes = static_cast<std::size_t>(e.size()) * sizeof(Scalar);
      const std::byte* data = r.take(bytes);
      bool known = false;
      for (const Extents& shape : allowed) known = known || shape == e;
      if (!known) throw CallbackShape{e};
      auto storage = Traits::storage(e);
      if (bytes != 0) std::memcpy(storage.data(), data, bytes);
      return storage;
    } else {
      return take_value<T>(r);
    }
  }
  template <class Storage>
  static decltype(auto) pass(Storage& s) {
    if constexpr (View<T>)
      return ViewTraits<T>::view_of(s);
    else
      return (s);
  }
  template <class Storage>
  static void put_back(Writer& w, Storage& s) {
    if constexpr (View<T>) {
      using Traits = ViewTraits<T>;
      if constexpr (!Traits::read_only)
        w.put_bytes(s.data(), static_cast<std::size_t>(s.size()) * sizeof(typename Traits::Scalar));
    }
  }
};

}  // namespace kata::wire
