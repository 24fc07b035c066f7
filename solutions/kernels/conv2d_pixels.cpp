#include "kernels/conv2d_pixels.hpp"

#include <algorithm>

namespace kernels::conv2d {
namespace {

// One packet: its place and the lanes in use, whose outputs follow each other.
struct Cover {
  Index start;
  std::vector<Run> runs;  // `from` counts from the packet's first lane
};

std::vector<Cover> packets(Index rows, Index columns, Index row_step) {
  const Index last = (rows - 1) * row_step + columns - 1;  // the last output's input
  const Index latest = last + 1 >= kLanes ? last + 1 - kLanes : last;
  std::vector<Cover> all;
  for (Index output = 0; output < rows * columns;) {
    const Index first = output / columns * row_step + output % columns;
    Cover cover{std::min(first, latest), {}};
    while (output < rows * columns) {
      const Index lane = output / columns * row_step + output % columns - cover.start;
      if (lane >= kLanes) break;
      const Index count = std::min(kLanes - lane, columns - output % columns);
      cover.runs.push_back({lane, output, count});
      output += count;
    }
    all.push_back(std::move(cover));
  }
  return all;
}

void append(std::vector<Run>& runs, const Run& run) {
  if (!runs.empty()) {
    Run& last = runs.back();
    if (last.from + last.count == run.from && last.to + last.count == run.to) {
      last.count += run.count;
      return;
    }
  }
  runs.push_back(run);
}

}  // namespace

std::vector<Tile> cover(Index rows, Index columns, Index row_step, int most) {
  const std::vector<Cover> all = packets(rows, columns, row_step);
  const auto count = static_cast<Index>(all.size());
  std::vector<Tile> tiles(static_cast<std::size_t>((count + most - 1) / most));
  Index next = 0;
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    // As even as can be: a tile of one packet has too few sums under way to fill the pipeline.
    const auto tiles_left = static_cast<Index>(tiles.size() - i);
    const Index here = (count - next + tiles_left - 1) / tiles_left;
    Tile& tile = tiles[i];
    for (; tile.packets < here; ++tile.packets, ++next) {
      const Cover& packet = all[static_cast<std::size_t>(next)];
      tile.start[static_cast<std::size_t>(tile.packets)] = packet.start;
      for (const Run& run : packet.runs)
        append(tile.runs, {run.from + tile.packets * kLanes, run.to, run.count});
    }
  }
  return tiles;
}

bool is_whole(const Tile& tile) {
  return tile.runs.size() == 1 && tile.runs[0].count == tile.packets * kLanes;
}

void prefetch_runs(const Tile& tile, Index channels, const float* y, Index y_step) {
  constexpr Index kLine = 64 / sizeof(float);
  const Index from = tile.runs.front().to;
  const Index to = tile.runs.back().to + tile.runs.back().count;
  for (Index k = 0; k < channels; ++k) {
    const float* const channel = y + k * y_step;
    for (Index i = from; i < to; i += kLine) __builtin_prefetch(channel + i, 1);
    __builtin_prefetch(channel + to - 1, 1);
  }
}

void copy_runs(const Tile& tile, const Sums& sums, Index channels, float* y, Index y_step,
               Index room) {
  for (const Run& run : tile.runs) {
    const Index whole = (run.count + kLanes - 1) / kLanes * kLanes;
    const Index in_packets = run.to + whole <= room ? whole : run.count / kLanes * kLanes;
    for (Index k = 0; k < channels; ++k) {
      const float* const from = sums.at + k * sums.step + run.from;
      float* const to = y + k * y_step + run.to;
      for (Index i = 0; i < in_packets; i += kLanes) store(to + i, load(from + i));
      for (Index i = in_packets; i < run.count; ++i) to[i] = from[i];
    }
  }
}

}  // namespace kernels::conv2d
