// Values: what goes in comes out, and the bytes end where the value does.
#include <cmath>
#include <limits>

#include "check.hpp"
#include "samples.hpp"

namespace wire = kata::wire;

namespace {

template <class T>
std::vector<std::byte> bytes_of(const T& value) {
  wire::Writer w;
  wire::put_value(w, value);
  return w.bytes();
}

template <class T>
T there_and_back(const T& value) {
  const std::vector<std::byte> bytes = bytes_of(value);
  wire::Reader r(bytes);
  T back = wire::take_value<T>(r);
  r.finish();
  return back;
}

TEST_CASE("every kind of value comes back as it was") {
  sample::each_value([](const auto& value) { CHECK(there_and_back(value) == value); });
}

TEST_CASE("empty values come back empty") {
  CHECK(there_and_back(std::string()).empty());
  CHECK(there_and_back(std::vector<double>()).empty());
  CHECK(there_and_back(std::vector<sample::Layer>()).empty());
  CHECK(there_and_back(kata::Vectorf()).size() == 0);
  const auto wide = there_and_back(kata::Matrixd(0, 7));
  CHECK(wide.rows() == 0);
  CHECK(wide.cols() == 7);
}

TEST_CASE("numbers keep their bits: signed zero, infinities, denormals, NaN") {
  using Limits = std::numeric_limits<double>;
  for (const double x : {0.0, -0.0, Limits::infinity(), -Limits::infinity(), Limits::denorm_min(),
                         Limits::max(), Limits::lowest(), Limits::quiet_NaN()}) {
    const double back = there_and_back(x);
    CHECK(std::memcmp(&back, &x, sizeof x) == 0);
  }
  for (const std::int64_t n : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                               std::numeric_limits<std::int64_t>::max()})
    CHECK(there_and_back(n) == n);
}

TEST_CASE("a bool is one byte, and any byte but zero is true") {
  CHECK(bytes_of(true).size() == 1);
  const std::vector<std::byte> seven{std::byte{7}};
  wire::Reader r(seven);
  CHECK(wire::take_value<bool>(r));
}

TEST_CASE("values that follow one another are read one after another") {
  wire::Writer w;
  wire::put_value(w, std::string("first"));
  wire::put_value(w, 2);
  wire::put_value(w, std::vector<float>{3, 4});
  wire::Reader r(w.bytes());
  CHECK(wire::take_value<std::string>(r) == "first");
  CHECK(wire::take_value<int>(r) == 2);
  CHECK(wire::take_value<std::vector<float>>(r) == std::vector<float>{3, 4});
  CHECK(r.left() == 0);
  CHECK_NOTHROW(r.finish());
}

TEST_CASE("a row-major matrix travels row by row") {
  kata::Matrixd m(2, 2);
  m << 1, 2, 3, 4;
  const std::vector<std::byte> bytes = bytes_of(m);
  std::vector<double> numbers(4);
  REQUIRE(bytes.size() == 16 + 4 * sizeof(double));
  std::memcpy(numbers.data(), bytes.data() + 16, 4 * sizeof(double));
  CHECK(numbers == std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("the least size of a type is no more than any of its values takes") {
  sample::each_value([](const auto& value) {
    using T = std::remove_cvref_t<decltype(value)>;
    CHECK(wire::least_size<T>() <= bytes_of(value).size());
    CHECK(wire::least_size<T>() <= bytes_of(T{}).size());
    CHECK(wire::least_size<T>() > 0);
  });
}

TEST_CASE("a writer that was cleared starts again") {
  wire::Writer w;
  w.put(1);
  w.clear();
  CHECK(w.bytes().empty());
  w.put(std::uint8_t{2});
  CHECK(w.bytes().size() == 1);
}

}  // namespace
