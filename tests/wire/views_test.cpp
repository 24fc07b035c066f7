// Views: the examiner puts them in memory that both sides see, the worker finds them there, and
// what it writes comes back.
#include <array>
#include <cstring>

#include "check.hpp"
#include "samples.hpp"

namespace wire = kata::wire;

namespace {

/// Both ends in one process.
class Desk {
 public:
  Desk() {
    arenas.readable = readable_.data();
    arenas.readable_size = readable_.size();
    arenas.writable = writable_.data();
    arenas.writable_size = writable_.size();
  }
  wire::Arenas arenas;

  bool in_readable(const void* p) const { return within(readable_, p); }
  bool in_writable(const void* p) const { return within(writable_, p); }

 private:
  using Memory = std::array<std::byte, 1 << 16>;
  static bool within(const Memory& memory, const void* p) {
    const auto* at = static_cast<const std::byte*>(p);
    return at >= memory.data() && at < memory.data() + memory.size();
  }
  alignas(wire::kAlignment) Memory readable_{};
  alignas(wire::kAlignment) Memory writable_{};
};

template <class T>
T at_the_worker(const Desk& desk, const wire::Arguments& sent) {
  wire::Reader r(sent.head.bytes());
  T value = wire::take_argument<T>(r, desk.arenas);
  r.finish();
  return value;
}

void bring_back(const wire::Arguments& sent) {
  for (const wire::Arguments::Output& output : sent.outputs) output.copy_back();
}

bool guards_whole(const wire::Arguments::Output& output) {
  for (std::size_t i = 0; i < wire::kGuard; ++i)
    if (output.begin[output.size + i] != std::byte{wire::kGuardByte} ||
        *(output.begin - 1 - i) != std::byte{wire::kGuardByte})
      return false;
  return true;
}

/// Sends `array` as an input and as an output; the worker reads it, doubles the output.
template <class In, class Out, class Array>
void check_there_and_back(Array& array) {
  Desk desk;
  {
    wire::Arguments sent(desk.arenas);
    wire::put_argument(sent, In(array));
    CHECK(sent.outputs.empty());
    const In seen = at_the_worker<In>(desk, sent);
    CHECK(desk.in_readable(seen.data()));
    CHECK(std::equal(seen.data(), seen.data() + seen.size(), array.data()));
  }
  wire::Arguments sent(desk.arenas);
  wire::put_argument(sent, Out(array));
  REQUIRE(sent.outputs.size() == 1);
  Out seen = at_the_worker<Out>(desk, sent);
  CHECK(desk.in_writable(seen.data()));
  const auto first = array.data()[0];
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(seen.size()); ++i)
    seen.data()[i] += seen.data()[i];
  CHECK(array.data()[0] == first);  // not before it is brought back
  CHECK(guards_whole(sent.outputs[0]));
  bring_back(sent);
  CHECK(array.data()[0] == first + first);
  CHECK(std::equal(seen.data(), seen.data() + seen.size(), array.data()));
}

TEST_CASE("vectors, matrices, tensors and spans reach the worker and come back") {
  kata::Vectorf vector = kata::Vectorf::LinSpaced(5, 1, 2);
  check_there_and_back<Eigen::Ref<const kata::Vectorf>, kata::Out<kata::Vectorf>>(vector);
  kata::Matrixd matrix = kata::Matrixd::Random(3, 4);
  check_there_and_back<Eigen::Ref<const kata::Matrixd>, kata::Out<kata::Matrixd>>(matrix);
  kata::Tensor<float> tensor({2, 1, 3, 2});
  for (Eigen::Index i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<float>(i + 1);
  check_there_and_back<kata::TensorView<const float>, kata::TensorView<float>>(tensor);
  std::vector<double> numbers{1, 2, 3};
  check_there_and_back<std::span<const double>, std::span<double>>(numbers);
}

TEST_CASE("a matrix keeps its rows and columns, a tensor its four sizes") {
  Desk desk;
  kata::Matrixf matrix(2, 3);
  matrix << 1, 2, 3, 4, 5, 6;
  wire::Arguments sent(desk.arenas);
  wire::put_argument(sent, Eigen::Ref<const kata::Matrixf>(matrix));
  const auto seen = at_the_worker<Eigen::Ref<const kata::Matrixf>>(desk, sent);
  CHECK(seen.rows() == 2);
  CHECK(seen.cols() == 3);
  CHECK(seen(0, 2) == 3);
  CHECK(seen(1, 0) == 4);
  kata::Tensor<float> tensor({2, 3, 4, 5});
  wire::Arguments other(desk.arenas);
  wire::put_argument(other, tensor.view());
  CHECK(at_the_worker<kata::TensorView<float>>(desk, other).shape() == kata::Shape{2, 3, 4, 5});
  CHECK(other.shapes == std::vector<wire::Extents>{{{2, 3, 4, 5}}});
}

TEST_CASE("a part of a larger matrix comes back to its place, and nothing beside it changes") {
  Desk desk;
  kata::Matrixd whole = kata::Matrixd::Zero(4, 5);
  Eigen::Ref<kata::Matrixd> block = whole.block(1, 2, 2, 3);
  wire::Arguments sent(desk.arenas);
  wire::put_argument(sent, block);
  at_the_worker<kata::Out<kata::Matrixd>>(desk, sent).setConstant(7);
  bring_back(sent);
  CHECK(whole.block(1, 2, 2, 3) == kata::Matrixd::Constant(2, 3, 7));
  CHECK(whole.sum() == 7 * 6);
}

TEST_CASE("empty arrays reach the worker with their shapes") {
  Desk desk;
  const kata::Matrixd none(0, 3);
  wire::Arguments sent(desk.arenas);
  wire::put_argument(sent, Eigen::Ref<const kata::Matrixd>(none));
  const auto seen = at_the_worker<Eigen::Ref<const kata::Matrixd>>(desk, sent);
  CHECK(seen.rows() == 0);
  CHECK(seen.cols() == 3);
}

TEST_CASE("a struct sends its views through memory and its numbers in the message") {
  Desk desk;
  kata::Vectorf m = kata::Vectorf::Ones(3);
  kata::Tensor<float> v({1, 1, 2, 2});
  sample::Nested mine{{m, v.view(), 41}, {0.5, 2, true, sample::Reduction::sum}};
  wire::Arguments sent(desk.arenas);
  wire::put_argument(sent, mine);
  REQUIRE(sent.outputs.size() == 2);
  auto theirs = at_the_worker<sample::Nested>(desk, sent);
  CHECK(theirs.options == mine.options);
  CHECK(theirs.state.step == 41);
  theirs.state.m(2) = 9;
  theirs.state.v(0, 0, 1, 0) = 8;
  theirs.state.step = 42;
  theirs.options.lr = 0.25;

  wire::Writer reply;
  wire::put_changed(reply, theirs);
  wire::Reader r(reply.bytes());
  wire::take_changed(r, mine);
  r.finish();
  bring_back(sent);
  CHECK(m(2) == 9);
  CHECK(v(0, 0, 1, 0) == 8);
  CHECK(mine.state.step == 42);
  CHECK(mine.options == sample::Options{0.25, 2, true, sample::Reduction::sum});
  CHECK(mine.state.m.data() == m.data());  // still the examiner's own view
}

TEST_CASE("what changed in a struct is malformed when it is cut off at any byte") {
  kata::Vectorf m(1);
  kata::Tensor<float> v({1, 1, 1, 1});
  sample::Nested mine{{m, v.view(), 1}, {}};
  wire::Writer reply;
  wire::put_changed(reply, mine);
  for (std::size_t n = 0; n < reply.bytes().size(); ++n) {
    wire::Reader r(std::span(reply.bytes()).first(n));
    CHECK_THROWS_AS(wire::take_changed(r, mine), wire::Malformed);
  }
}

TEST_CASE("views are aligned, do not overlap, and have guards on both sides") {
  Desk desk;
  wire::Arguments sent(desk.arenas);
  std::vector<kata::Vectorf> arrays;
  for (const Eigen::Index n : {1, 16, 17, 0, 5}) arrays.push_back(kata::Vectorf::Zero(n));
  for (kata::Vectorf& array : arrays) wire::put_argument(sent, Eigen::Ref<kata::Vectorf>(array));
  REQUIRE(sent.outputs.size() == arrays.size());
  for (std::size_t i = 0; i < sent.outputs.size(); ++i) {
    const wire::Arguments::Output& output = sent.outputs[i];
    CHECK(reinterpret_cast<std::uintptr_t>(output.begin) % wire::kAlignment == 0);
    CHECK(guards_whole(output));
    if (i > 0) {
      const wire::Arguments::Output& before = sent.outputs[i - 1];
      CHECK(output.begin >= before.begin + before.size + wire::kGuard);
    }
  }
  sent.outputs[1].begin[sent.outputs[1].size] = std::byte{0};
  CHECK_FALSE(guards_whole(sent.outputs[1]));
}

TEST_CASE("arguments that do not fit say how much would be needed") {
  Desk desk;
  wire::Arguments sent(desk.arenas);
  kata::Vectorf large = kata::Vectorf::Zero(1 << 20);
  CHECK_THROWS_AS(wire::put_argument(sent, Eigen::Ref<kata::Vectorf>(large)),
                  wire::Arguments::TooLarge);
  try {
    wire::put_argument(sent, Eigen::Ref<kata::Vectorf>(large));
  } catch (const wire::Arguments::TooLarge& e) {
    CHECK(e.needed > (std::size_t{4} << 20));
    CHECK(e.available == (std::size_t{1} << 16));
  }
}

TEST_CASE("a callback's arrays are the examiner's own, and what it wrote goes back") {
  using X = kata::In<kata::Vectord>;
  using Grad = kata::Out<kata::Vectord>;
  const kata::Vectord x = kata::Vectord::LinSpaced(3, 1, 3);
  kata::Vectord grad = kata::Vectord::Zero(3);
  wire::Writer w;
  wire::put_view_inline(w, Eigen::Ref<const kata::Vectord>(x));
  wire::put_view_inline(w, Grad(grad));
  wire::Reader r(w.bytes());
  const std::vector<wire::Extents> shapes{{{3, 1, 1, 1}}};
  auto mine = wire::CallbackArgument<X>::take(r, shapes);
  auto written = wire::CallbackArgument<Grad>::take(r, shapes);
  r.finish();
  CHECK(mine == x);
  {
    auto&& view = wire::CallbackArgument<Grad>::pass(written);
    view = 2 * mine;
  }
  wire::Writer back;
  wire::CallbackArgument<X>::put_back(back, mine);  // read-only: nothing
  CHECK(back.bytes().empty());
  wire::CallbackArgument<Grad>::put_back(back, written);
  REQUIRE(back.bytes().size() == 3 * sizeof(double));
  std::memcpy(grad.data(), back.bytes().data(), back.bytes().size());
  CHECK(grad == 2 * x);
}

}  // namespace
