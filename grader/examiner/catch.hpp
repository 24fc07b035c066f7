// Catch2 2.13 (Debian 12) and 3 (Debian 13) differ in headers, matcher bases and reporter bases;
// the difference ends here.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#define KATA_CATCH3 1
#else
#ifndef CATCH_CONFIG_RUNNER
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#endif
#include <catch2/catch.hpp>
#define KATA_CATCH3 0
#endif

#include <Eigen/Core>
#include <kata/tensor.hpp>
#include <sstream>
#include <string>

namespace kata::test {

#if KATA_CATCH3
using MatcherBase = Catch::Matchers::MatcherGenericBase;
#else
/// Catch2 2 needs no more of a matcher than match() and toString(): any argument type will do.
class MatcherBase : public Catch::Matchers::Impl::MatcherUntypedBase {
 protected:
  std::string describe() const override = 0;
};
#endif

/// "3 x 5 of numbers": enough to show an array in a message; the matcher says what is wrong with
/// it.
std::string shape_text(Eigen::Index rows, Eigen::Index cols);
std::string shape_text(const kata::Shape& shape);

}  // namespace kata::test

namespace Catch {
template <class S, int R, int C, int O, int MR, int MC>
struct StringMaker<Eigen::Matrix<S, R, C, O, MR, MC>> {
  static std::string convert(const Eigen::Matrix<S, R, C, O, MR, MC>& m) {
    return kata::test::shape_text(m.rows(), m.cols());
  }
};
template <class T>
struct StringMaker<kata::Tensor<T>> {
  static std::string convert(const kata::Tensor<T>& t) { return kata::test::shape_text(t.shape()); }
};
}  // namespace Catch
