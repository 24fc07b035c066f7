// Where the reporter's records go, and the last text of a matcher of ours.
#pragma once

#include <functional>
#include <string>

#include "examiner/job.hpp"

namespace kata::examiner {

class Sink {
 public:
  static Sink& current();
  /// Where records go; `subject` is added to each.
  void open(std::function<void(const Record&)> to) { to_ = std::move(to); }
  void set_subject(std::uint32_t subject) { subject_ = subject; }
  void put(Record record) {
    record.subject = subject_;
    if (to_) to_(record);
  }

 private:
  std::function<void(const Record&)> to_;
  std::uint32_t subject_ = 0;
};

}  // namespace kata::examiner
