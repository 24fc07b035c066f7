// One value of every kind of type that crosses the wire, for the tests of the codec.
#pragma once

#include <cstdint>
#include <kata/arrays.hpp>
#include <kata/fields.hpp>
#include <kata/tensor.hpp>
#include <string>
#include <vector>

#include "wire/codec.hpp"

namespace sample {

enum class Reduction : std::uint8_t { none = 0, mean = 1, sum = 2 };

struct Options {
  double lr = 1e-3;
  int steps = 0;
  bool nesterov = false;
  Reduction reduction = Reduction::mean;
  friend bool operator==(const Options&, const Options&) = default;
};
KATA_FIELDS(Options, lr, steps, nesterov, reduction)

struct Layer {
  std::string name;
  Options options;
  std::vector<Options> schedule;
  kata::Matrixd weights;
  friend bool operator==(const Layer& a, const Layer& b) {
    return a.name == b.name && a.options == b.options && a.schedule == b.schedule &&
           a.weights.rows() == b.weights.rows() && a.weights.cols() == b.weights.cols() &&
           a.weights == b.weights;
  }
};
KATA_FIELDS(Layer, name, options, schedule, weights)

/// An optimiser's state: numbers that the callee changes in place, and a plain count.
struct State {
  kata::Out<kata::Vectorf> m;
  kata::TensorView<float> v;
  std::int64_t step = 0;
};
KATA_FIELDS(State, m, v, step)

struct Nested {
  State state;
  Options options;
};
KATA_FIELDS(Nested, state, options)

inline Layer layer() {
  Layer one;
  one.name = std::string("conv\0one \xe5\x8d\xb7", 12);
  one.options = {0.5, -3, true, Reduction::sum};
  one.schedule = {{1, 1, false, Reduction::none}, {-0.0, 2, true, Reduction::mean}};
  one.weights = kata::Matrixd(2, 3);
  one.weights << 1, 2, 3, 4, 5, 6;
  return one;
}

/// Calls visit(value) for one value of every kind.
template <class Visit>
void each_value(const Visit& visit) {
  visit(std::int32_t{-7});
  visit(std::uint64_t{0xFEDCBA9876543210});
  visit(3.25F);
  visit(-1.5e300);
  visit(true);
  visit(Reduction::sum);
  visit(std::string("text with\nlines"));
  visit(std::vector<double>{1, 2, 3});
  visit(std::vector<std::string>{"", "a", "bc"});
  visit(std::vector<std::vector<std::int32_t>>{{1}, {}, {2, 3}});
  visit(std::vector<bool>{true, false, true});
  visit(kata::Vectorf(kata::Vectorf::LinSpaced(5, 0, 1)));
  visit(kata::Matrixd(kata::Matrixd::Identity(3, 2)));
  visit(Eigen::RowVectorXd(Eigen::RowVectorXd::LinSpaced(4, 0, 1)));
  visit(Eigen::Vector3d(1, 2, 3));
  visit(std::vector<Eigen::Vector3d>{{1, 2, 3}, {4, 5, 6}});
  visit(Options{0.25, 9, true, Reduction::none});
  visit(layer());
  visit(std::vector<Layer>{layer(), Layer{}});
}

}  // namespace sample
