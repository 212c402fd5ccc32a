// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a random bench must have seen: a table of the combinations of some named values, which counts and names its empty cells.
namespace cuatro::test {

struct Axis {
  std::string name;
  std::vector<std::string> values;
};

class FunctionalCover {
 public:
  // A value's number on every axis; negative: it has none there, or may have any.
  using Point = std::vector<int>;

  // `exists`: whether anything can have these values; axes that are not set do not matter.
  FunctionalCover(std::vector<Axis> axes, std::function<bool(const Point&)> exists) : axes_(std::move(axes)), exists_(std::move(exists)) {}

  // Every combination of the values of these axes that exists must be seen.
  void must(const std::vector<unsigned>& axes) {
    Cross cross{axes, {}};
    std::size_t size = 1;
    for (const unsigned axis : axes) size *= axes_.at(axis).values.size();
    if (size == 0) return;
    cross.counts.resize(size);
    for (std::size_t cell = 0; cell < size; ++cell) {
      if (!exists_(point(cross, cell))) cross.counts[cell] = kNever;
    }
    cells_ += size;
    crosses_.push_back(std::move(cross));
  }

  // Counts in every table whose axes this has values on.
  void see(const Point& seen) {
    for (Cross& cross : crosses_) {
      std::size_t cell = 0;
      bool has = true;
      for (const unsigned axis : cross.axes) {
        has &= seen.at(axis) >= 0;
        cell = cell * axes_[axis].values.size() + static_cast<std::size_t>(std::max(0, seen[axis]));
      }
      if (!has) continue;
      if (cross.counts.at(cell) == kNever) throw std::logic_error("seen, although it is said not to exist: " + name(point(cross, cell)));
      ++cross.counts[cell];
    }
  }

  // An empty cell that `accept` takes, looked for from a random place on, so that one that never comes does not keep others away.
  std::optional<Point> wanted(std::uint64_t random, const std::function<bool(const Point&)>& accept) const {
    std::uint64_t first = random % cells_;
    std::size_t cross = 0;
    for (; first >= crosses_[cross].counts.size(); ++cross) first -= crosses_[cross].counts.size();
    for (std::size_t cell = first, left = cells_; left-- != 0;) {
      if (crosses_[cross].counts[cell] == 0) {
        Point found = point(crosses_[cross], cell);
        if (accept(found)) return found;
      }
      if (++cell < crosses_[cross].counts.size()) continue;
      cell = 0;
      cross = (cross + 1) % crosses_.size();
    }
    return {};
  }

  std::vector<std::string> empty() const {
    std::vector<std::string> names;
    for (const Cross& cross : crosses_) {
      for (std::size_t cell = 0; cell < cross.counts.size(); ++cell) {
        if (cross.counts[cell] == 0) names.push_back(name(point(cross, cell)));
      }
    }
    return names;
  }
  std::size_t cells() const {
    std::size_t sum = 0;
    for (const Cross& cross : crosses_) sum += cross.counts.size() - static_cast<std::size_t>(std::count(cross.counts.begin(), cross.counts.end(), kNever));
    return sum;
  }
  // For a message: empty if no cell is.
  std::string gaps() const {
    const std::vector<std::string> names = empty();
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 20; ++i) text += "\n  " + names[i];
    return names.empty() ? "" : std::to_string(names.size()) + " of " + std::to_string(cells()) + " cells are empty:" + text;
  }
  // "kind: gemm raw, A: int4".
  std::string name(const Point& at) const {
    std::string text;
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
      if (at[axis] >= 0) text += (text.empty() ? "" : ", ") + axes_[axis].name + ": " + axes_[axis].values[static_cast<std::size_t>(at[axis])];
    }
    return text;
  }
  Point anything() const { return Point(axes_.size(), -1); }

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  struct Cross {
    std::vector<unsigned> axes;
    std::vector<std::uint64_t> counts;
  };

  Point point(const Cross& cross, std::size_t cell) const {
    Point at = anything();
    for (std::size_t i = cross.axes.size(); i-- > 0;) {
      const std::size_t size = axes_[cross.axes[i]].values.size();
      at[cross.axes[i]] = static_cast<int>(cell % size);
      cell /= size;
    }
    return at;
  }

  std::vector<Axis> axes_;
  std::function<bool(const Point&)> exists_;
  std::vector<Cross> crosses_;
  std::size_t cells_ = 0;
};

}  // namespace cuatro::test
