// The oracle of the convolutions against PyTorch, whose outputs are in tests/fixtures/layers.
#include "oracle/conv2d.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "examiner/catch.hpp"

namespace {

using Eigen::Index;
using kata::Shape;
using Tensor = kata::Tensor<float>;

struct Options {
  int stride_h = 1, stride_w = 1;
  int padding_h = 0, padding_w = 0;
  int dilation_h = 1, dilation_w = 1;
  int groups = 1;
};

Shape shape_of(const nlohmann::json& sizes) {
  return {sizes[0], sizes[1], sizes[2], sizes[3]};
}

// As the script beside the fixture makes them.
float number(const nlohmann::json& ab, Index i) {
  return static_cast<float>((ab[0].get<Index>() * i + ab[1].get<Index>()) % 17 - 8) / 4;
}

Tensor array(const nlohmann::json& ab, Shape shape) {
  Tensor t(shape);
  for (Index i = 0; i < t.size(); ++i) t.data()[i] = number(ab, i);
  return t;
}

Options options_of(const nlohmann::json& c) {
  return {c["stride"][0],   c["stride"][1],   c["padding"][0], c["padding"][1],
          c["dilation"][0], c["dilation"][1], c["groups"]};
}

}  // namespace

TEST_CASE("conv2d oracle: equals PyTorch, number by number") {
  std::ifstream file(KATA_SOURCE_DIR "/tests/fixtures/layers/conv2d.json");
  const auto fixture = nlohmann::json::parse(file);
  REQUIRE(fixture["cases"].size() == 9);
  for (const auto& c : fixture["cases"]) {
    CAPTURE(c["x"].dump(), c["weight"].dump());
    const Tensor x = array(fixture["arrays"]["x"], shape_of(c["x"]));
    const Tensor weight = array(fixture["arrays"]["weight"], shape_of(c["weight"]));
    std::vector<float> bias(c["bias"].get<bool>() ? static_cast<std::size_t>(weight.shape().n) : 0);
    for (std::size_t k = 0; k < bias.size(); ++k)
      bias[k] = number(fixture["arrays"]["bias"], static_cast<Index>(k));

    const auto got = oracle::conv2d::forward(x, weight, bias, options_of(c));

    CHECK(got.shape == shape_of(c["shape"]));
    REQUIRE(got.y.size() == c["y"].size());
    for (std::size_t i = 0; i < got.y.size(); ++i) {
      CAPTURE(i);
      CHECK(got.y[i] == static_cast<long double>(c["y"][i].get<double>()));
      CHECK(got.bound[i] >= 0);
    }
  }
}

TEST_CASE("conv2d oracle: positions are counted as the formula counts them") {
  for (Index size = 1; size < 9; ++size)
    for (Index kernel = 1; kernel < 5; ++kernel)
      for (Index stride = 1; stride < 5; ++stride)
        for (Index padding = 0; padding < 4; ++padding)
          for (Index dilation = 1; dilation < 4; ++dilation) {
            const Index room = size + 2 * padding - dilation * (kernel - 1) - 1;
            CAPTURE(size, kernel, stride, padding, dilation);
            CHECK(oracle::conv2d::positions(size, kernel, stride, padding, dilation) ==
                  (room < 0 ? 0 : room / stride + 1));
          }
}

TEST_CASE("conv2d oracle: the bound covers float sums, and not by much") {
  // The worst case of a sum in order: every addition rounds away half a unit.
  Tensor x({1, 1, 1, 64}), weight({1, 1, 1, 64});
  for (Index i = 0; i < 64; ++i) {
    x.data()[i] = 1.0f / 3.0f + static_cast<float>(i % 7) / 11.0f;
    weight.data()[i] = 1.0f / 7.0f + static_cast<float>(i % 5) / 13.0f;
  }
  float sum = 0;
  for (Index i = 0; i < 64; ++i) sum += x.data()[i] * weight.data()[i];
  const auto exact = oracle::conv2d::output(x, weight, 0, Options{}, 0, 0, 0, 0);
  const double bound = oracle::conv2d::error_bound(weight.shape(), exact.magnitude);
  CHECK(std::fabs(static_cast<double>(sum - exact.value)) <= bound);
  CHECK(bound <= 1e-5 * static_cast<double>(exact.magnitude));
}
