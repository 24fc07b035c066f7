// What a stub throws.
#pragma once

namespace kata {

/// The answer is not written yet. Derives from nothing, so that no check of a thrown error can take
/// a missing answer for a right one.
struct not_implemented {};

}  // namespace kata
