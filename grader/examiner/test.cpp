// The generator of the test API, which belongs to the examination.
#include <kata/test.hpp>

#include "examiner/examination.hpp"

namespace kata::test {

Rng& rng() {
  return examiner::Examination::current().rng();
}

}  // namespace kata::test
