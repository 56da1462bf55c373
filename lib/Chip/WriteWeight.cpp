//===- WriteWeight.cpp - One weight into cells that may be stuck ----------===//
#include "hybridc/Chip/FaultMapping.h"

#include <algorithm>
#include <cmath>

namespace hybridc::chip {
namespace {

/// The differences of one slice's cells that can be reached, in steps.
struct Reach {
  int64_t low, high;
};

/// Chooses a digit for each slice, the most significant first. Both values
/// next to the middle of what the lower slices can make up are tried.
class Digits {
public:
  Digits(const std::vector<Reach> &reach, const std::vector<int64_t> &place)
      : reach(reach), place(place), digit(reach.size()), best(reach.size()) {
    low.assign(reach.size() + 1, 0);
    high = low;
    for (size_t s = reach.size(); s-- > 0;) {
      low[s] = low[s + 1] + place[s] * reach[s].low;
      high[s] = high[s + 1] + place[s] * reach[s].high;
    }
  }

  const std::vector<int64_t> &find(int64_t target) {
    missing = INT64_MAX;
    search(0, target);
    return best;
  }

private:
  void search(size_t s, int64_t rest) {
    if (s == reach.size()) {
      if (std::abs(rest) < missing) {
        missing = std::abs(rest);
        best = digit;
      }
      return;
    }
    // The least that any choice below can leave.
    int64_t least = std::max<int64_t>({0, low[s] - rest, rest - high[s]});
    if (least >= missing)
      return;
    double middle = double(low[s + 1] + high[s + 1]) / 2;
    int64_t near =
        int64_t(std::floor((double(rest) - middle) / double(place[s])));
    int64_t last = INT64_MIN;
    for (int64_t d = near; d <= near + 1; ++d) {
      int64_t value = std::clamp(d, reach[s].low, reach[s].high);
      if (value == last)
        continue;
      last = digit[s] = value;
      search(s + 1, rest - value * place[s]);
      if (missing == 0)
        return;
    }
  }

  const std::vector<Reach> &reach;
  const std::vector<int64_t> &place;
  std::vector<int64_t> digit, best, low, high;
  int64_t missing = 0;
};

double writeContinuous(double r, bool isPair, const CellState &cells,
                       float *positive, float *negative) {
  double p = cells.positive[0], m = cells.negative[0];
  if (!isPair) {
    double code = p >= 0 ? p : (r + 1) / 2;
    positive[0] = float(code);
    return 2 * code - 1;
  }
  double plus = p >= 0   ? p
                : m >= 0 ? std::clamp(m + r, 0.0, 1.0)
                         : std::max(r, 0.0);
  double minus = m >= 0   ? m
                 : p >= 0 ? std::clamp(p - r, 0.0, 1.0)
                          : std::max(-r, 0.0);
  positive[0] = float(plus);
  negative[0] = float(minus);
  return plus - minus;
}

} // namespace

double writeWeight(double r, const WeightCode &code, const CellState &cells,
                   float *positive, float *negative) {
  r = std::clamp(r, -1.0, 1.0);
  if (!code.isUsual())
    return r;
  if (code.bits == 0)
    return writeContinuous(r, code.isPair, cells, positive, negative);
  int64_t top = (int64_t(1) << code.bits) - 1;
  int64_t full = int64_t(1) << (code.bits * code.slices), half = full / 2;
  std::vector<Reach> reach;
  std::vector<int64_t> place;
  double between = 0; // what cells stuck between two digits add to these
  auto digitOf = [&](double at) {
    return at < 0 ? -1 : int64_t(std::nearbyint(at * double(top)));
  };
  for (uint32_t s = 0; s < code.slices; ++s) {
    int64_t p = digitOf(cells.positive[s]), m = digitOf(cells.negative[s]);
    place.push_back(int64_t(1) << (code.bits * (code.slices - 1 - s)));
    if (p >= 0)
      between +=
          (cells.positive[s] * double(top) - double(p)) * double(place.back());
    if (m >= 0 && code.isPair)
      between -=
          (cells.negative[s] * double(top) - double(m)) * double(place.back());
    if (!code.isPair)
      reach.push_back(p < 0 ? Reach{0, top} : Reach{p, p});
    else
      reach.push_back({(p < 0 ? 0 : p) - (m < 0 ? top : m),
                       (p < 0 ? top : p) - (m < 0 ? 0 : m)});
  }
  int64_t target = code.isPair
                       ? int64_t(std::nearbyint(r * double(full - 1)))
                       : int64_t(std::nearbyint(r * double(half - 1))) + half;
  // The nearest sum lies next to one of the two integers around the wanted one.
  double wanted = double(target) - between, nearest = INFINITY;
  std::vector<int64_t> digits;
  for (double whole : {std::floor(wanted), std::ceil(wanted)}) {
    std::vector<int64_t> found = Digits(reach, place).find(int64_t(whole));
    double off = wanted;
    for (uint32_t s = 0; s < code.slices; ++s)
      off -= double(found[s] * place[s]);
    if (std::abs(off) < nearest) {
      nearest = std::abs(off);
      digits = std::move(found);
    }
    if (between == 0) // an integer
      break;
  }
  int64_t sum = 0;
  for (uint32_t s = 0; s < code.slices; ++s) {
    int64_t d = digits[s];
    sum += d * place[s];
    auto held = [&](double at, int64_t digit) {
      return float(at < 0 ? double(digit) : at * double(top));
    };
    if (!code.isPair) {
      positive[s] = held(cells.positive[s], d);
      continue;
    }
    int64_t p = digitOf(cells.positive[s]), m = digitOf(cells.negative[s]);
    if (p < 0)
      p = m < 0 ? std::max<int64_t>(d, 0) : m + d;
    positive[s] = held(cells.positive[s], p);
    negative[s] = held(cells.negative[s], p - d);
  }
  double made = double(sum) + between;
  return code.isPair ? made / double(full - 1)
                     : (made - double(half)) / double(half - 1);
}

} // namespace hybridc::chip
