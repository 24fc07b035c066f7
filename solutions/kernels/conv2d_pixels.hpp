// Which output pixels a register tile computes, and where they go.
//
// A packet takes the input at a place and at the lanes after it. At the end of an output row some
// lanes fall between two rows and compute nothing of use; what follows may be the next row's. So a
// tile has packets, each with a place, and runs: lanes that are neighbours in the tile and in y.
#pragma once

#include <array>
#include <kata/tensor.hpp>
#include <vector>

#include "kernels/conv2d_tile.hpp"

namespace kernels::conv2d {

using Eigen::Index;

struct Run {
  Index from;  // in a row of the tile's sums
  Index to;    // in the block's rows of y
  Index count;
};

struct Tile {
  int packets = 0;
  std::array<Index, kMostPackets> start = {};  // in a channel of the block
  std::vector<Run> runs;
};

/// Covers `rows` x `columns` outputs, in the order of y, with tiles of at most `most` packets.
/// `row_step` is the distance from the input of one output row to the next. Where the block spans a
/// packet at least, no packet reaches beyond its last input.
std::vector<Tile> cover(Index rows, Index columns, Index row_step, int most);

/// Whether the pixels of the tile are neighbours in y as well, all of them: its sums need no copy.
bool is_whole(const Tile& tile);

/// Calls what copy_runs will write into the cache: `y` begins with the block's first output.
void prefetch_runs(const Tile& tile, Index channels, const float* y, Index y_step);

/// Copies the runs of `channels` rows of sums to as many channels of y, from the block's first
/// output on; `room` floats are left in a channel there. Copies whole packets where they stay
/// inside of the channel: the outputs after a run are written later.
void copy_runs(const Tile& tile, const Sums& sums, Index channels, float* y, Index y_step,
               Index room);

}  // namespace kernels::conv2d
