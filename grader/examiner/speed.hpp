// The timed cases of an exercise, as its hidden.cpp registered them.
#pragma once

#include <kata/test.hpp>
#include <vector>

namespace kata::examiner {

std::vector<test::SpeedFactory>& speed_factories();

}  // namespace kata::examiner
