// The replies of a subject to one test case, as numbers: what diagnosis compares.
//
// A mutant explains a wrong answer when, wherever the answer is away from the reference, the mutant
// is with the answer (ten times nearer than the reference is), and wherever the answer is right, so
// is the mutant.
#pragma once

#include <cstddef>
#include <vector>

namespace kata::examiner {

/// One array, or one number, that a call returned, changed or handed to a callback.
using Reply = std::vector<double>;

class Replies {
 public:
  void clear() { arrays_.clear(), size_ = 0; }
  void add(Reply reply) {
    size_ += reply.size();
    if (size_ <= kMost) arrays_.push_back(std::move(reply));
  }
  const std::vector<Reply>& arrays() const { return arrays_; }

  static constexpr std::size_t kMost = std::size_t{1} << 21;  // numbers of one case

 private:
  std::vector<Reply> arrays_;
  std::size_t size_ = 0;
};

enum class Match {
  no,        // the mutant gives other replies than the answer
  silent,    // answer and reference give the same replies here: nothing can be said
  explains,  // the mutant's replies are the answer's, and the reference's are not
};
Match match(const Replies& answer, const Replies& reference, const Replies& mutant);

}  // namespace kata::examiner
