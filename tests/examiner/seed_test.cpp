// The seeds of the cases, the frames between kata and its examiners, and junk.
#include <sys/socket.h>
#include <unistd.h>

#include <kata/test.hpp>
#include <set>
#include <thread>

#include "examiner/examination.hpp"
#include "examiner/job.hpp"
#include "wire/codec.hpp"

namespace {

namespace examiner = kata::examiner;
using examiner::case_seed;
using examiner::case_tag;

TEST_CASE("the same secret and name give the same seed, in every build and on every machine") {
  CHECK(case_seed(7, "adam: five steps") == case_seed(7, "adam: five steps"));
  CHECK(case_tag("adam: five steps") == case_tag("adam: five steps"));
  // Tokens are written down and replayed later: a change here makes the old ones worthless.
  CHECK(case_seed(0, "") == 0xaebe53f8);
  CHECK(case_tag("a") == 0xa88d);
}

TEST_CASE("seeds are spread: nearby secrets and names share none") {
  std::set<std::uint32_t> seeds;
  for (std::uint64_t secret = 0; secret < 1000; ++secret) seeds.insert(case_seed(secret, "a case"));
  CHECK(seeds.size() == 1000);
  seeds.clear();
  for (int i = 0; i < 1000; ++i) seeds.insert(case_seed(1, "case " + std::to_string(i)));
  CHECK(seeds.size() == 1000);
  // Each bit is set about half of the time.
  for (int bit = 0; bit < 32; ++bit) {
    int set = 0;
    for (const std::uint32_t seed : seeds) set += (seed >> bit) & 1U ? 1 : 0;
    CHECK(set > 400);
    CHECK(set < 600);
  }
}

TEST_CASE("the tags of an exercise's cases hardly ever meet") {
  std::set<std::uint16_t> tags;
  for (int i = 0; i < 64; ++i)
    tags.insert(case_tag("agrees with its definition " + std::to_string(i)));
  CHECK(tags.size() >= 63);
}

TEST_CASE("a tag says nothing of the secret") {
  CHECK(case_seed(0, "a case") >> 16 != case_tag("a case"));
}

// ---------------------------------------------------------------------------------------------

struct Sockets {
  Sockets() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  ~Sockets() {
    close_end(0);
    close_end(1);
  }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;
  void close_end(int which) {
    if (ends[which] >= 0) close(ends[which]);
    ends[which] = -1;
  }
  int ends[2] = {-1, -1};
};

std::vector<std::byte> numbered(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7);
  return bytes;
}

TEST_CASE("frames arrive whole and in order, empty and long ones as well") {
  Sockets pair;
  const std::vector<std::vector<std::byte>> sent{numbered(3), {}, numbered(1 << 20), numbered(1)};
  std::thread sender([&] {
    for (const std::vector<std::byte>& frame : sent) examiner::send_frame(pair.ends[0], frame);
    shutdown(pair.ends[0], SHUT_WR);
  });
  std::vector<std::byte> got;
  for (const std::vector<std::byte>& frame : sent) {
    CHECK(examiner::receive_frame(pair.ends[1], got));
    CHECK(got == frame);
  }
  CHECK_FALSE(examiner::receive_frame(pair.ends[1], got));
  sender.join();
}

TEST_CASE("a frame that is cut off, or longer than any, is none") {
  std::vector<std::byte> got;
  for (const std::uint32_t announced : {10U, examiner::kLongestFrame + 1, 0xFFFFFFFFU}) {
    Sockets pair;
    REQUIRE(write(pair.ends[0], &announced, sizeof announced) == sizeof announced);
    REQUIRE(write(pair.ends[0], "short", 5) == 5);
    pair.close_end(0);
    CHECK_FALSE(examiner::receive_frame(pair.ends[1], got));
  }
}

TEST_CASE("a frame for a reader that is gone is not sent, and kills nobody") {
  Sockets pair;
  pair.close_end(1);
  CHECK_FALSE(examiner::send_frame(pair.ends[0], numbered(100)));
}

TEST_CASE("a job and a record cross the socket as they were") {
  examiner::Job job;
  job.subjects = {{"worker", ""}, {"worker", "no-bias"}};
  job.secret = 0xFEDCBA9876543210;
  job.seconds = 2.5;
  job.replay = "7f3a91c2-04d1";
  job.cases = {"one", "two"};
  kata::wire::Writer w;
  kata::wire::put_value(w, job);
  kata::wire::Reader r(w.bytes());
  const auto back = kata::wire::take_value<examiner::Job>(r);
  r.finish();
  REQUIRE(back.subjects.size() == 2);
  CHECK(back.subjects[1].variant == "no-bias");
  CHECK(back.secret == job.secret);
  CHECK(back.seconds == job.seconds);
  CHECK(back.replay == job.replay);
  CHECK(back.cases == job.cases);
}

// ---------------------------------------------------------------------------------------------

TEST_CASE("every kind of junk has a name, and only junk has one") {
  for (const std::string& name : examiner::junk_names())
    CHECK(examiner::junk_of("junk:" + name).has_value());
  CHECK_FALSE(examiner::junk_of("").has_value());
  CHECK_FALSE(examiner::junk_of("zeros").has_value());
  CHECK_FALSE(examiner::junk_of("junk:").has_value());
}

TEST_CASE("junk fills every output and leaves every input") {
  kata::Vectord in = kata::Vectord::LinSpaced(3, 1, 3);
  kata::Vectord out = kata::Vectord::Constant(3, 9);
  const auto answer = [&](examiner::Junk junk) {
    Eigen::Ref<const kata::Vectord> input(in);
    Eigen::Ref<kata::Vectord> output(out);
    return examiner::junk_answer<double>(junk, input, output);
  };
  CHECK(answer(examiner::Junk::nothing) == 0);
  CHECK(out == kata::Vectord::Constant(3, 9));
  answer(examiner::Junk::zeros);
  CHECK(out == kata::Vectord::Zero(3));
  answer(examiner::Junk::input);
  CHECK(out == in);
  answer(examiner::Junk::nan);
  CHECK(out.array().isNaN().all());
  const kata::Vectord first = in;
  in *= 2;
  answer(examiner::Junk::previous);
  CHECK(out == first);
  CHECK_THROWS_AS(answer(examiner::Junk::throws), std::invalid_argument);
  CHECK(in == 2 * first);
}

}  // namespace
