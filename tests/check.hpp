// Catch2 for the suite's own tests: Debian 12 has version 2, Debian 13 has version 3.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
