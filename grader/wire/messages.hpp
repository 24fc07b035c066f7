// What travels on the socket between examiner and worker. Numbers are in the machine's own order:
// both ends run on one machine.
#pragma once

#include <cstdint>

namespace kata::wire {

/// The descriptors that a worker is born with, besides 0, 1 and 2.
inline constexpr int kSocket = 3;    // requests and replies
inline constexpr int kReadable = 4;  // memory of the inputs, opened for reading only
inline constexpr int kWritable = 5;  // memory of the outputs

/// First message to a worker; `variant_size` bytes follow: the id of the mistake to make, or
/// nothing.
struct Hello {
  std::uint64_t readable_size = 0;
  std::uint64_t writable_size = 0;
  std::uint64_t variant_size = 0;
};

/// A call; `size` bytes of arguments follow, `count` sets of them one after another.
struct Request {
  std::uint32_t function = 0;  // index into the binding's entries, or kMistakeTable
  std::uint32_t count = 1;
  std::uint64_t size = 0;
};
inline constexpr std::uint32_t kMistakeTable = 0xFFFFFFFF;

enum class ReplyKind : std::uint32_t {
  returned = 1,  // result, then what changed in arguments passed by reference; `count` of these
  threw = 2,  // the text of what was thrown, then what changed all the same; `detail` is a Thrown
  callback = 3,  // arguments of a callback; `detail` is its place among the call's callbacks
};

/// `size` bytes follow.
struct Reply {
  ReplyKind kind = ReplyKind::returned;
  std::uint32_t detail = 0;
  std::uint64_t size = 0;
};

/// The answer to a callback: its result and the arrays it wrote, `size` bytes.
struct CallbackReply {
  std::uint64_t size = 0;
};

enum class Thrown : std::uint32_t {
  not_implemented = 1,
  invalid_argument,
  domain_error,
  out_of_range,
  length_error,
  logic_error,
  runtime_error,
  bad_alloc,
  assertion,  // of Eigen or of a TensorView, in the checked build
  other_exception,
  unknown,  // derives from no std::exception
};

/// Nothing that a worker sends is longer than this: views travel through shared memory.
inline constexpr std::uint64_t kLongestReply = std::uint64_t{64} << 20;

}  // namespace kata::wire
