// SHA-256, for the identity of a submission.
#pragma once

#include <string>
#include <string_view>

namespace kata::catalog {

/// 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace kata::catalog
