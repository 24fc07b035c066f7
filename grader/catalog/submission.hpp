// What a learner handed in: the answers in a folder, read as hostile files.
//
// A submission is a folder that holds some of
//     <topic>/<name>.cpp
//     <topic>/<name>/<name>.cpp
//     <name>.cpp                  where one exercise alone has that name
#pragma once

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"

namespace kata::catalog {

constexpr std::size_t kMaxSubmissionBytes = std::size_t{1} << 20;

struct SubmissionFile {
  enum class State {
    absent,   // nothing is there
    stub,     // as it was handed out, but for a byte order mark and CRLF line ends
    answer,   // text to build
    refused,  // something is there that cannot be an answer
  };
  State state = State::absent;
  std::string text;     // stub and answer: the bytes as they are
  std::string path;     // beneath the folder; absent: where it would be
  std::string message;  // refused: sentences for the person who meets them
};

/// The folder itself cannot be used. A sentence.
struct SubmissionError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The answer to one exercise of the catalogue. Whatever is in the folder, this gives an answer in
/// bounded time and memory. Two different answers to the same exercise are refused, since either
/// may be the one that was meant; a stub beside an answer does not count.
SubmissionFile read_submission(const std::filesystem::path& folder, const Catalog& catalog,
                               const Exercise& exercise);

/// The exercises that the folder holds something for, in the catalogue's order.
std::vector<const Exercise*> find_exercises(const std::filesystem::path& folder,
                                            const Catalog& catalog);

/// Identifies what is graded: the paths, states and bytes of `files`, whatever their order.
std::string submission_sha256(const std::vector<SubmissionFile>& files);

}  // namespace kata::catalog
