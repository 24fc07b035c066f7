#include "kernels/conv2d.hpp"

#include <algorithm>
#include <vector>

#include "kernels/conv2d_pixels.hpp"
#include "kernels/conv2d_rows.hpp"
#include "kernels/conv2d_tile.hpp"

namespace kernels {
namespace conv2d {
namespace {

using Input = kata::TensorView<const float>;

// Budgets in floats, for 48 KiB of L1 and 1 MiB of L2 cache; found by trial.
constexpr Index kInputBlock = 64 * 1024;   // padded rows of all channels of a group
constexpr Index kWeightBlock = 96 * 1024;  // weights of the output channels in work
constexpr Index kTileInput = 7 * 1024;     // what a tile reads in one pass over its taps
constexpr Index kTileTaps = 512;           // taps of a pass
constexpr Index kBlockPackets = 1024;      // packets of pixels in a block, a bound for its plan

/// The size of the parts when `size` is divided as evenly as can be into parts of at most `most`.
Index part(Index size, Index most) {
  const Index parts = (size + std::max<Index>(most, 1) - 1) / std::max<Index>(most, 1);
  return (size + parts - 1) / parts;
}

/// Some rows of output, their input in memory and their tiles.
struct Block {
  Rows input;
  std::vector<Tile> tiles;
  std::vector<std::ptrdiff_t> taps;  // where the input of a tap is, for channel, i, j of a group

  Block(Input x, Input weight, const Conv2dGeometry& geometry, Index rows, Index columns,
        bool in_place, int widest)
      : input(x, weight, geometry, rows, columns, in_place),
        tiles(cover(rows, columns, input.row_step(), widest)) {
    for (Index c = 0; c < weight.c(); ++c)
      for (Index i = 0; i < weight.h(); ++i)
        for (Index j = 0; j < weight.w(); ++j) taps.push_back(c * input.plane() + input.tap(i, j));
  }
};

/// How many rows of the next tile: as many as fit into what is left.
int tile_rows(Index left) {
  int rows = kRows;
  while (rows > left) rows /= 2;
  return rows;
}

class Forward {
 public:
  Forward(Input x, Input weight, const float* bias, const Conv2dGeometry& geometry,
          kata::TensorView<float> y)
      : x_(x), weight_(weight), bias_(bias), geometry_(geometry), y_(y) {
    outputs_ = weight.n() / geometry.groups;
    taps_ = weight.c() * weight.h() * weight.w();
    outputs_at_once_ = part(outputs_, kWeightBlock / taps_ / kRows * kRows);
    outputs_at_once_ = std::min(outputs_, (outputs_at_once_ + kRows - 1) / kRows * kRows);
    const Index channels =
        std::min(kTileInput / (weight.h() * 4 * kLanes), kTileTaps / (weight.h() * weight.w()));
    taps_at_once_ = part(weight.c(), channels) * weight.h() * weight.w();
    choose_rows();
  }

  void run() {
    const int widest = outputs_ < kRows ? kMostPackets : kPackets;
    const Index last = y_.h() - (y_.h() - 1) / rows_ * rows_;
    const Block whole(x_, weight_, geometry_, rows_, y_.w(), in_place_, widest);
    const Block rest(x_, weight_, geometry_, last, y_.w(), in_place_, widest);
    for (Index first = 0; first < weight_.n(); first += outputs_at_once(first)) {
      pack(first, outputs_at_once(first));
      for (Index n = 0; n < x_.n(); ++n)
        for (Index row = 0; row < y_.h(); row += rows_)
          run(row + rows_ <= y_.h() ? whole : rest, n, first, row);
    }
  }

 private:
  /// Output channels in work from `first` on: they never belong to two groups.
  Index outputs_at_once(Index first) const {
    return std::min(outputs_at_once_, outputs_ - first % outputs_);
  }

  void choose_rows() {
    const Index span = (y_.h() - 1) * geometry_.stride_h * x_.w() + y_.w();
    in_place_ = geometry_.padding_h == 0 && geometry_.padding_w == 0 && geometry_.stride_w == 1;
    if (in_place_) {
      rows_ = part(y_.h(), kBlockPackets * kLanes / y_.w());
      in_place_ = y_.w() >= kLanes || (rows_ == y_.h() && span >= kLanes);
    }
    if (in_place_) return;
    // A row more of output needs one_row more of input.
    const auto input = [this](Index rows) {
      return weight_.c() * Rows(x_, weight_, geometry_, rows, y_.w(), false).plane();
    };
    const Index one_row = input(2) - input(1);
    const Index overlap = input(1) - one_row;
    const Index fit = std::min((kInputBlock - overlap) / one_row, kBlockPackets * kLanes / y_.w());
    rows_ = part(y_.h(), fit);
  }

  /// The weights in the order in which the tiles read them: pass, tile's channels, tap, channel.
  void pack(Index first, Index outputs) {
    float* to = weights_.floats(outputs * taps_);
    for (Index tap = 0; tap < taps_; tap += taps_at_once_) {
      const Index count = std::min(taps_at_once_, taps_ - tap);
      for (Index k = 0; k < outputs;) {
        const int rows = tile_rows(outputs - k);
        const float* const from = weight_.data() + (first + k) * taps_ + tap;
        for (Index t = 0; t < count; ++t)
          for (int m = 0; m < rows; ++m) *to++ = from[m * taps_ + t];
        k += rows;
      }
    }
  }

  void run(const Block& block, Index n, Index first, Index row) {
    const float* const input = prepare(block, n, first / outputs_ * weight_.c(), row);
    for (const Tile& tile : block.tiles) run(block, tile, input, n, first, row);
  }

  const float* prepare(const Block& block, Index n, Index channel, Index row) {
    if (in_place_) return block.input.place(x_, n, channel, row);
    float* const rows = input_.floats(weight_.c() * block.input.plane() + kLanes);
    for (Index c = 0; c < weight_.c(); ++c)
      block.input.fill(x_, n, channel + c, row, rows + c * block.input.plane());
    return rows;
  }

  void run(const Block& block, const Tile& tile, const float* input, Index n, Index first,
           Index row) {
    const Index outputs = outputs_at_once(first);
    float* const y = y_.data() + ((n * y_.c() + first) * y_.h() + row) * y_.w();
    const Index y_step = y_.h() * y_.w(), room = (y_.h() - row) * y_.w();
    const bool whole = is_whole(tile), one_pass = taps_ <= taps_at_once_;
    const Sums all = whole
                         ? Sums{y + tile.runs[0].to, y_step}
                         : Sums{sums_.floats(one_pass ? kRows * kWidth : outputs * kWidth), kWidth};
    const float* weights = weights_.floats(0);
    Starts starts;
    for (std::size_t v = 0; v < starts.size(); ++v) starts[v] = input + tile.start[v];

    for (Index tap = 0; tap < taps_; tap += taps_at_once_) {
      Taps taps{block.taps.data() + tap, std::min(taps_at_once_, taps_ - tap), weights};
      const bool last = tap + taps.count == taps_;
      for (Index k = 0; k < outputs;) {
        const int rows = tile_rows(outputs - k);
        const Sums sums{all.at + (whole || !one_pass ? k * all.step : 0), all.step};
        if (last) prefetch_runs(tile, rows, y + k * y_step, y_step);
        tile_function(rows, tile.packets)(taps, starts, tap == 0 ? bias(first + k) : nullptr, sums);
        if (last && !whole) copy_runs(tile, sums, rows, y + k * y_step, y_step, room);
        taps.weights += taps.count * rows;
        k += rows;
      }
      weights = taps.weights;
    }
  }

  const float* bias(Index k) const {
    static constexpr float kNone[kRows] = {};
    return bias_ == nullptr ? kNone : bias_ + k;
  }

  const Input x_, weight_;
  const float* const bias_;
  const Conv2dGeometry geometry_;
  const kata::TensorView<float> y_;

  Index outputs_;          // channels of a group
  Index taps_;             // of an output: channels x kernel
  Index outputs_at_once_;  // channels whose weights are in the cache
  Index taps_at_once_;     // of a pass
  Index rows_;             // of output in a block
  bool in_place_;

  static thread_local Scratch input_, weights_, sums_;
};

thread_local Scratch Forward::input_, Forward::weights_, Forward::sums_;

}  // namespace
}  // namespace conv2d

void conv2d_forward(kata::TensorView<const float> x, kata::TensorView<const float> weight,
                    const float* bias, const Conv2dGeometry& geometry, kata::TensorView<float> y) {
  if (y.size() != 0) conv2d::Forward(x, weight, bias, geometry, y).run();
}

}  // namespace kernels
