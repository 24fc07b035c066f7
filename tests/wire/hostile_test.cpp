// Bytes that a hostile process may have written: whatever they are, the reader ends, throws
// Malformed and nothing else, and never asks for more memory than the bytes can fill.
#include <cstring>
#include <random>

#include "allocations.hpp"
#include "check.hpp"
#include "samples.hpp"

namespace wire = kata::wire;

namespace {

using Bytes = std::vector<std::byte>;

template <class... Numbers>
Bytes bytes(Numbers... numbers) {
  wire::Writer w;
  (w.put(numbers), ...);
  return w.bytes();
}

template <class T>
Bytes bytes_of(const T& value) {
  wire::Writer w;
  wire::put_value(w, value);
  return w.bytes();
}

/// Reads a value and nothing after it.
template <class T>
auto value_reader() {
  return [](const Bytes& from) {
    wire::Reader r(from);
    const T value = wire::take_value<T>(r);
    r.finish();
    return bytes_of(value);
  };
}

const std::vector<wire::Extents> kKnown{{{3, 1, 1, 1}}, {{2, 3, 1, 1}}, {{1, 2, 3, 4}}};

template <class A>
auto callback_reader() {
  return [](const Bytes& from) {
    wire::Reader r(from);
    const auto storage = wire::CallbackArgument<A>::take(r, kKnown);
    (void)storage;
    r.finish();
    return from;
  };
}

enum class End { read, malformed, shape };

/// How reading ends; anything that is thrown besides the two named errors fails the test.
template <class Read>
End end_of(const Read& read, const Bytes& from) {
  try {
    read(from);
    return End::read;
  } catch (const wire::Malformed& e) {
    CHECK_FALSE(e.what.empty());
    return End::malformed;
  } catch (const wire::CallbackShape&) {
    return End::shape;
  }
}

template <class T>
End value_end(const Bytes& from) {
  return end_of(value_reader<T>(), from);
}
template <class A>
End callback_end(const Bytes& from) {
  return end_of(callback_reader<A>(), from);
}

/// The most that a reader may ask for at once: the elements of a vector are at most this many times
/// as large in memory as on the wire, and a little for the text of the error.
std::size_t allowance(const Bytes& from) {
  return 8 * from.size() + 256;
}

constexpr auto kHuge = std::uint64_t{1} << 63;
const std::vector<std::int64_t> kBadSizes{-1, std::numeric_limits<std::int64_t>::min(),
                                          std::numeric_limits<std::int64_t>::max(),
                                          std::int64_t{1} << 32, (std::int64_t{1} << 28) + 1};

TEST_CASE("a value that is cut off at any byte is malformed") {
  sample::each_value([](const auto& value) {
    using T = std::remove_cvref_t<decltype(value)>;
    const Bytes whole = bytes_of(value);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
      CHECK(value_end<T>(cut) == End::malformed);
    }
    CHECK(value_end<T>(whole) == End::read);
  });
}

TEST_CASE("bytes left over are malformed") {
  sample::each_value([](const auto& value) {
    using T = std::remove_cvref_t<decltype(value)>;
    Bytes longer = bytes_of(value);
    longer.push_back(std::byte{0});
    CHECK(value_end<T>(longer) == End::malformed);
  });
}

TEST_CASE("a count larger than what is left is refused before anything is allocated") {
  for (const std::uint64_t n :
       {std::uint64_t{2}, kHuge, kHuge / 4, ~std::uint64_t{0}, (std::uint64_t{1} << 61) + 1}) {
    const Bytes from = bytes(n, std::uint8_t{1});
    allocations::forget();
    CHECK(value_end<std::string>(from) == End::malformed);
    CHECK(value_end<std::vector<double>>(from) == End::malformed);
    CHECK(value_end<std::vector<bool>>(from) == End::malformed);
    CHECK(value_end<std::vector<std::vector<std::string>>>(from) == End::malformed);
    CHECK(value_end<std::vector<sample::Layer>>(from) == End::malformed);
    if (allocations::counted()) CHECK(allocations::largest() <= 4096);  // Catch2's own
  }
}

TEST_CASE("a vector of large elements reserves no more than the bytes can fill") {
  using Large = Eigen::Matrix<double, 8, 8>;
  Bytes from = bytes(std::uint64_t{1000});
  from.resize(8 + 1000 * 16);
  allocations::forget();
  const End end = value_end<std::vector<Large>>(from);
  const std::size_t asked = allocations::largest();
  CHECK(end == End::malformed);
  if (allocations::counted()) CHECK(asked <= allowance(from));
}

TEST_CASE("a matrix of an impossible shape is refused before anything is allocated") {
  for (const std::int64_t bad : kBadSizes) {
    for (const Bytes& from : {bytes(bad, std::int64_t{1}), bytes(std::int64_t{1}, bad),
                              bytes(bad, bad), bytes(std::int64_t{0}, bad)}) {
      allocations::forget();
      CHECK(value_end<kata::Matrixd>(from) == End::malformed);
      CHECK(value_end<kata::Vectorf>(from) == End::malformed);
      CHECK(value_end<Eigen::Vector3d>(from) == End::malformed);
      if (allocations::counted()) CHECK(allocations::largest() <= 4096);
    }
  }
  // Each side is possible, the product is not; and one that is, without its numbers.
  const std::int64_t side = std::int64_t{1} << 20;
  CHECK(value_end<kata::Matrixd>(bytes(side, side)) == End::malformed);
  allocations::forget();
  CHECK(value_end<kata::Matrixd>(bytes(std::int64_t{1} << 14, std::int64_t{1} << 14)) ==
        End::malformed);
  if (allocations::counted()) CHECK(allocations::largest() <= 4096);
}

TEST_CASE("a vector has one column, and a matrix of fixed size its own") {
  CHECK(value_end<kata::Vectorf>(bytes(std::int64_t{1}, std::int64_t{2}, 1.0F, 2.0F)) ==
        End::malformed);
  CHECK(value_end<Eigen::Vector3d>(bytes(std::int64_t{2}, std::int64_t{1}, 1.0, 2.0)) ==
        End::malformed);
  CHECK(value_end<Eigen::Vector3d>(bytes(std::int64_t{0}, std::int64_t{0})) == End::malformed);
  CHECK(value_end<Eigen::Vector3d>(bytes(std::int64_t{1}, std::int64_t{3}, 1.0, 2.0, 3.0)) ==
        End::malformed);
}

TEST_CASE("a callback's array that is cut off at any byte is malformed") {
  wire::Writer w;
  const kata::Vectord x = kata::Vectord::LinSpaced(3, 0, 1);
  wire::put_view_inline(w, Eigen::Ref<const kata::Vectord>(x));
  const Bytes& whole = w.bytes();
  for (std::size_t n = 0; n < whole.size(); ++n)
    CHECK(callback_end<kata::In<kata::Vectord>>(Bytes(
              whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n))) == End::malformed);
  CHECK(callback_end<kata::In<kata::Vectord>>(whole) == End::read);
}

TEST_CASE("a callback's array of an impossible shape is malformed") {
  for (const std::int64_t bad : kBadSizes)
    for (std::size_t place = 0; place < 4; ++place) {
      wire::Extents shape{{1, 1, 1, 1}};
      shape.at[place] = bad;
      allocations::forget();
      CHECK(callback_end<kata::TensorView<const float>>(bytes(shape)) == End::malformed);
      CHECK(callback_end<kata::In<kata::Matrixd>>(bytes(shape)) == End::malformed);
      CHECK(callback_end<kata::In<kata::Vectord>>(bytes(shape)) == End::malformed);
      CHECK(callback_end<std::span<const double>>(bytes(shape)) == End::malformed);
      if (allocations::counted()) CHECK(allocations::largest() <= 4096);
    }
  const std::int64_t large = std::int64_t{1} << 16;
  for (const wire::Extents& shape :
       {wire::Extents{{large, large, large, large}}, wire::Extents{{large, large, 1, 1}},
        wire::Extents{{large, large, large, 0}}})
    CHECK(callback_end<kata::TensorView<const float>>(bytes(shape)) == End::malformed);
}

TEST_CASE("a callback's vector cannot be a matrix or a tensor") {
  CHECK(callback_end<kata::In<kata::Vectord>>(bytes(wire::Extents{{1, 3, 1, 1}}, 1.0, 2.0, 3.0)) ==
        End::malformed);
  CHECK(callback_end<kata::In<kata::Matrixd>>(bytes(wire::Extents{{1, 1, 2, 1}}, 1.0, 2.0)) ==
        End::malformed);
  CHECK(callback_end<std::span<const double>>(bytes(wire::Extents{{1, 2, 1, 1}}, 1.0, 2.0)) ==
        End::malformed);
}

TEST_CASE(
    "a callback's array whose shape is none of the call's is told apart from malformed bytes") {
  CHECK(callback_end<kata::In<kata::Vectord>>(bytes(wire::Extents{{2, 1, 1, 1}}, 1.0, 2.0)) ==
        End::shape);
  CHECK(callback_end<kata::In<kata::Vectord>>(bytes(wire::Extents{{0, 1, 1, 1}})) == End::shape);
  CHECK(callback_end<kata::In<kata::Matrixd>>(
            bytes(wire::Extents{{3, 2, 1, 1}}, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)) == End::shape);
}

TEST_CASE("a reader takes no more than there is, whatever it is asked for") {
  const Bytes three(3);
  wire::Reader r(three);
  CHECK_THROWS_AS(r.take(4), wire::Malformed);
  CHECK_THROWS_AS(r.take(~std::size_t{0}), wire::Malformed);
  CHECK_THROWS_AS(r.get<std::uint32_t>(), wire::Malformed);
  CHECK_THROWS_AS(r.finish(), wire::Malformed);
  CHECK(r.left() == 3);
  CHECK(r.take(3) == three.data());
  CHECK_NOTHROW(r.take(0));
  CHECK_NOTHROW(r.finish());
}

// ---------------------------------------------------------------------------------------------
// Random bytes. A third are random throughout, the others start from a good message, of which some
// bytes are changed, and are cut off or made longer.

using Rng = std::mt19937_64;

std::size_t below(Rng& rng, std::size_t n) {
  return static_cast<std::size_t>(rng() % n);
}

Bytes junk(Rng& rng, std::size_t size) {
  Bytes out(size);
  // Small numbers as often as random ones: they get past the first check.
  const bool small = rng() % 2 == 0;
  for (std::byte& b : out) b = static_cast<std::byte>(small && rng() % 4 != 0 ? 0 : rng() % 256);
  return out;
}

Bytes spoiled(Rng& rng, Bytes from) {
  for (std::size_t n = below(rng, 4) + 1; n > 0 && !from.empty(); --n)
    from[below(rng, from.size())] = static_cast<std::byte>(rng() % 256);
  const std::size_t how = below(rng, 3);
  if (how == 0) from.resize(below(rng, from.size() + 1));
  if (how == 1) from.resize(from.size() + below(rng, 16));
  return from;
}

constexpr int kInputs = 20000;

/// Reads kInputs inputs. Assertions are counted outside of the loop, since each costs more than a
/// read.
template <class Read>
void fuzz(const Read& read, const Bytes& good, std::uint64_t seed) {
  Rng rng(seed);
  std::size_t greatest = 0;
  int read_well = 0;
  for (int i = 0; i < kInputs; ++i) {
    const Bytes from = rng() % 3 == 0 ? junk(rng, below(rng, 96)) : spoiled(rng, good);
    allocations::forget();
    try {
      read(from);
      ++read_well;
    } catch (const wire::Malformed&) {
    } catch (const wire::CallbackShape&) {
    } catch (...) {
      FAIL("input " << i << " of seed " << seed << " threw something else");
    }
    greatest = std::max(greatest, allocations::largest());
    if (allocations::counted() && allocations::largest() > allowance(from))
      FAIL("input " << i << " of seed " << seed << ", " << from.size() << " bytes, asked for "
                    << allocations::largest());
  }
  INFO("the largest request was " << greatest << ", " << read_well << " inputs were read");
  CHECK(read_well < kInputs);
}

TEST_CASE("twenty thousand random inputs for each kind of value do no harm") {
  std::uint64_t seed = 1;
  sample::each_value([&seed](const auto& value) {
    using T = std::remove_cvref_t<decltype(value)>;
    fuzz(value_reader<T>(), bytes_of(value), seed++);
  });
}

TEST_CASE("twenty thousand random inputs for each kind of callback's array do no harm") {
  fuzz(callback_reader<kata::In<kata::Vectord>>(),
       bytes(wire::Extents{{3, 1, 1, 1}}, 1.0, 2.0, 3.0), 100);
  fuzz(callback_reader<kata::Out<kata::Vectord>>(),
       bytes(wire::Extents{{3, 1, 1, 1}}, 1.0, 2.0, 3.0), 101);
  fuzz(callback_reader<kata::In<kata::Matrixd>>(),
       bytes(wire::Extents{{2, 3, 1, 1}}, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0), 102);
  Bytes tensor = bytes(wire::Extents{{1, 2, 3, 4}});
  tensor.resize(tensor.size() + 24 * sizeof(float));
  fuzz(callback_reader<kata::TensorView<const float>>(), tensor, 103);
  fuzz(callback_reader<std::span<const double>>(),
       bytes(wire::Extents{{3, 1, 1, 1}}, 1.0, 2.0, 3.0), 104);
  fuzz(callback_reader<double>(), bytes(1.0), 105);
}

}  // namespace
