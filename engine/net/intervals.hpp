// Sets of points on a line as sorted closed intervals. Canonical: intervals neither overlap nor touch, so that
// equal sets have equal intervals. A point type has `<`, `==` and the free functions `next` and `previous`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace assay::net {

inline std::uint16_t next(std::uint16_t point) { return static_cast<std::uint16_t>(point + 1); }
inline std::uint16_t previous(std::uint16_t point) { return static_cast<std::uint16_t>(point - 1); }
inline std::uint32_t next(std::uint32_t point) { return point + 1; }
inline std::uint32_t previous(std::uint32_t point) { return point - 1; }

template <typename Point>
struct Interval {
  Point first;
  Point last;  // included
  bool operator==(const Interval&) const = default;
};

template <typename Point>
class IntervalSet {
 public:
  using Intervals = std::vector<Interval<Point>>;

  IntervalSet() = default;
  // Empty when `last` is before `first`.
  IntervalSet(Point first, Point last) {
    if (!(last < first)) intervals_.push_back({first, last});
  }

  // From intervals in any order, that may overlap.
  static IntervalSet of(Intervals intervals) {
    std::sort(intervals.begin(), intervals.end(), [](const auto& left, const auto& right) { return left.first < right.first; });
    IntervalSet sorted;
    for (const Interval<Point>& interval : intervals)
      if (!(interval.last < interval.first)) sorted.append(interval);
    return sorted;
  }

  const Intervals& intervals() const { return intervals_; }
  bool empty() const { return intervals_.empty(); }
  bool contains(Point point) const {
    const auto after = std::upper_bound(intervals_.begin(), intervals_.end(), point,
                                        [](const Point& left, const Interval<Point>& right) { return left < right.first; });
    return after != intervals_.begin() && !(std::prev(after)->last < point);
  }

  IntervalSet operator|(const IntervalSet& other) const {
    Intervals all;
    std::merge(intervals_.begin(), intervals_.end(), other.intervals_.begin(), other.intervals_.end(), std::back_inserter(all),
               [](const auto& left, const auto& right) { return left.first < right.first; });
    IntervalSet result;
    for (const Interval<Point>& interval : all) result.append(interval);
    return result;
  }

  IntervalSet operator&(const IntervalSet& other) const {
    IntervalSet result;
    auto left = intervals_.begin();
    auto right = other.intervals_.begin();
    while (left != intervals_.end() && right != other.intervals_.end()) {
      const Point first = std::max(left->first, right->first);
      const Point last = std::min(left->last, right->last);
      if (!(last < first)) result.intervals_.push_back({first, last});
      if (left->last < right->last) {
        ++left;
      } else {
        ++right;
      }
    }
    return result;
  }

  IntervalSet operator-(const IntervalSet& other) const {
    IntervalSet result;
    auto cut = other.intervals_.begin();
    for (Interval<Point> rest : intervals_) {
      while (cut != other.intervals_.end() && cut->last < rest.first) ++cut;
      bool left_over = true;
      for (auto at = cut; left_over && at != other.intervals_.end() && !(rest.last < at->first); ++at) {
        if (rest.first < at->first) result.intervals_.push_back({rest.first, previous(at->first)});
        left_over = at->last < rest.last;
        if (left_over) rest.first = next(at->last);
      }
      if (left_over) result.intervals_.push_back(rest);
    }
    return result;
  }

  bool operator==(const IntervalSet&) const = default;

 private:
  // Intervals come in the order of their first points.
  void append(const Interval<Point>& interval) {
    // `previous` is safe: whatever starts after another's end is not the smallest point.
    if (!intervals_.empty() &&
        (!(intervals_.back().last < interval.first) || intervals_.back().last == previous(interval.first))) {
      intervals_.back().last = std::max(intervals_.back().last, interval.last);
    } else {
      intervals_.push_back(interval);
    }
  }
  Intervals intervals_;
};

}  // namespace assay::net
