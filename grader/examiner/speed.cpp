#include "examiner/speed.hpp"

namespace kata::examiner {

std::vector<test::SpeedFactory>& speed_factories() {
  static std::vector<test::SpeedFactory> factories;
  return factories;
}

}  // namespace kata::examiner

namespace kata::test {

bool register_speed(SpeedFactory factory) {
  examiner::speed_factories().push_back(std::move(factory));
  return true;
}

}  // namespace kata::test
