// What the builder's tests share: a cache, and a small project of their own with real runtime and
// vocabulary, so that no exercise of the suite matters here.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "builder/builder.hpp"
#include "builder/toolchain.hpp"
#include "catalog/catalog.hpp"

namespace workshop {

/// A folder that lives as long as the tests.
const std::filesystem::path& folder();
std::filesystem::path cache();
const kata::builder::Toolchain& toolchain();

void write(const std::filesystem::path& path, std::string_view text);

/// exercises/toy/{twice,scale,solve}: scale is given twice; solve forbids Eigen/SVD.
const std::filesystem::path& project();
const kata::catalog::Exercise& exercise(const std::string& id);
kata::builder::Builder& builder();

/// Builds a submission for toy/<name>.
kata::builder::Built build(const std::string& id, const std::string& text,
                           kata::builder::Flags flags = kata::builder::Flags::checked);

/// What a worker answers to one call with one number.
struct Answer {
  bool replied = false;
  bool returned = false;
  double value = 0;
  std::string text;    // the raw bytes of the reply
  std::string errors;  // what the worker wrote to its standard error
};
/// Speaks to the worker without a sandbox: the programs here are our own. `function` as in
/// wire::Request.
Answer call(const std::filesystem::path& worker, double argument, std::uint32_t function = 0,
            const std::string& variant = "");

}  // namespace workshop
