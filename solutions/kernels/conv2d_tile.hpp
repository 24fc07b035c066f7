// The innermost loop of the convolution: a tile of output channels x output pixels that stays in
// registers while all taps go by.
//
// A tap is one (channel, i, j) of the kernel. Along the pixels of a tile the input of a tap is
// contiguous, `tap` floats from where the pixels start, so a step loads one packet of input for
// each packet of pixels, one weight for each channel, and does channels x packets fused
// multiply-adds.
#pragma once

#include <array>
#include <cstddef>

#include "kernels/packet.hpp"

namespace kernels::conv2d {

/// Channels in a tile, and packets of pixels: 8 x 3 accumulators, 3 inputs and a weight in 32
/// registers, 4 x 3 in 16. Few channels have twice the pixels, to have as many sums under way.
inline constexpr int kRows = kRegisters >= 32 ? 8 : 4;
inline constexpr int kPackets = 3;
inline constexpr int kMostPackets = 2 * kPackets;
inline constexpr int kWidth = kMostPackets * kLanes;  // pixels of the widest tile

struct Taps {
  const std::ptrdiff_t* offset;  // of each tap
  std::ptrdiff_t count;
  const float* weights;  // count x rows
};

/// Where the pixels of each packet start in the input of the tap with offset 0.
using Starts = std::array<const float*, kMostPackets>;

/// Where the sums of a tile are kept: `step` floats from one channel to the next.
struct Sums {
  float* at;
  std::ptrdiff_t step;
};

/// sum(row, pixel) = bias(row) + the taps' sum, where `bias` is given, else what is there + that.
template <int rows, int packets>
void tile(const Taps& taps, const Starts& starts, const float* bias, const Sums& sums) {
  Packet sum[rows][packets];
  for (int m = 0; m < rows; ++m)
    for (int v = 0; v < packets; ++v)
      sum[m][v] = bias != nullptr ? broadcast(bias[m]) : load(sums.at + m * sums.step + v * kLanes);

  const float* weights = taps.weights;
  for (std::ptrdiff_t t = 0; t < taps.count; ++t, weights += rows) {
    const std::ptrdiff_t offset = taps.offset[t];
    Packet input[packets];
    for (int v = 0; v < packets; ++v) input[v] = load(starts[static_cast<std::size_t>(v)] + offset);
    for (int m = 0; m < rows; ++m) {
      const Packet weight = broadcast(weights[m]);
      for (int v = 0; v < packets; ++v) sum[m][v] = multiply_add(weight, input[v], sum[m][v]);
    }
  }

  for (int m = 0; m < rows; ++m)
    for (int v = 0; v < packets; ++v) store(sums.at + m * sums.step + v * kLanes, sum[m][v]);
}

using TileFunction = void (*)(const Taps&, const Starts&, const float* bias, const Sums&);

/// rows is kRows or a smaller power of two; packets is 1 .. kPackets, or up to kMostPackets where
/// rows is at most kRows / 2.
inline TileFunction tile_function(int rows, int packets) {
  const auto by_packets = [packets]<int r>(std::integral_constant<int, r>) -> TileFunction {
    if constexpr (2 * r <= kRows) {
      if (packets == 4) return tile<r, 4>;
      if (packets == 5) return tile<r, 5>;
      if (packets == 6) return tile<r, 6>;
    }
    return packets == 1 ? tile<r, 1> : packets == 2 ? tile<r, 2> : tile<r, 3>;
  };
  switch (rows) {
    case 1:
      return by_packets(std::integral_constant<int, 1>{});
    case 2:
      return by_packets(std::integral_constant<int, 2>{});
    case 4:
      return by_packets(std::integral_constant<int, 4>{});
    default:
      return by_packets(std::integral_constant<int, kRows>{});
  }
}

}  // namespace kernels::conv2d
