//===- Banks.cpp - Which banks of the scratchpad a command uses -----------===//

#include "Banks.h"
#include "Saturate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

namespace hybridc::exec::clock {

using namespace stream;

namespace {

/// Ranks are small; a hostile one's outer dimensions are left out.
constexpr size_t kMostDims = 16;
/// Operands of one command that are looked at one by one.
constexpr size_t kMostOperands = 8;
/// No chip's; 128 times it still fits.
constexpr uint64_t kLongestPeriod = uint64_t(1) << 56;

/// Elements of a view whose elements follow each other; 0 of another.
uint64_t denseElements(const View &view) {
  uint64_t run = 1;
  for (size_t i = view.shape.size(); i-- > 0;) {
    int64_t stride = i < view.strides.size() ? view.strides[i] : 0;
    if (view.shape[i] == 1 || (stride == 0 && view.shape[i] > 0))
      continue;
    if (view.shape[i] <= 0 || uint64_t(stride) != run)
      return 0;
    run = times(run, uint64_t(view.shape[i]));
  }
  return run;
}

/// A part in 1e9 is rounding, and would cost a cycle.
double skewOf(double words) { return words < 1 + 1e-9 ? 1 : words; }

} // namespace

Banks::Banks(const chip::Sram &sram)
    : count(std::max(1u, sram.banks)), interleave(sram.interleave()),
      period(std::min(kLongestPeriod, times(count, interleave))),
      word(std::max(1e-3, sram.wordBytes())), perWord(1 / word),
      // Bytes are whole, words need not be.
      oneEach((sram.interleave_bytes ? 1 : double(interleave) / word) + 1e-9) {
  groups = uint32_t(std::min<uint64_t>(64, count));
  all = groups == 64 ? ~uint64_t(0) : (uint64_t(1) << groups) - 1;
}

uint64_t Banks::rotated(uint64_t mask, uint64_t by) const {
  // Groups are `period / groups` bytes, rounded down where that is no whole
  // number.
  uint64_t places = by * groups / period;
  if (places == 0)
    return mask;
  return ((mask << places) | (mask >> (groups - places))) & all;
}

uint64_t Banks::repeated(uint64_t mask, Dim dim) const {
  // Twice as many places with each step; overlapping ones do no harm.
  for (uint64_t known = 1; known < dim.extent && mask != all;) {
    uint64_t next = std::min(known, dim.extent - known), by;
    if (__builtin_mul_overflow(next, dim.stride, &by))
      by = uint64_t((unsigned __int128)(next)*dim.stride % period);
    mask |= rotated(mask, by % period);
    known += next;
  }
  return mask;
}

uint64_t Banks::maskOf(uint64_t address, uint64_t bytes) const {
  if (bytes >= period)
    return all;
  uint64_t at = address % period;
  auto groupOf = [&](uint64_t offset) { return offset * groups / period; };
  uint64_t first = groupOf(at), last = groupOf(at + bytes - 1);
  uint64_t span = last - first + 1;
  if (span >= groups)
    return all;
  uint64_t mask = (uint64_t(1) << span) - 1;
  return first == 0 ? mask
                    : ((mask << first) | (mask >> (groups - first))) & all;
}

bool Banks::patternOf(const View &view, const std::vector<uint64_t> &blockTrips,
                      const std::vector<uint64_t> &trips,
                      Pattern &pattern) const {
  uint64_t size = sizeOf(view.type), address = view.address, elements = 1;
  auto isEverywhere = [&](uint64_t run) {
    if (run < period)
      return false;
    pattern.mask = all;
    pattern.banks = double(count);
    pattern.words = double(run) * perWord;
    return true;
  };
  uint64_t dense = times(denseElements(view), size);
  pattern.bytes = double(dense);
  if (isEverywhere(dense)) // most are like that
    return true;
  std::array<Dim, kMostDims> dims;
  size_t rank = 0;
  // From the innermost, whose stride is mostly the smallest.
  for (size_t i = view.shape.size(); i-- > 0;) {
    if (view.shape[i] <= 0)
      return false;
    int64_t stride = i < view.strides.size() ? view.strides[i] : 0;
    uint64_t extent = uint64_t(view.shape[i]);
    if (extent == 1 || stride == 0 || rank == kMostDims)
      continue;
    uint64_t bytes = times(magnitude(stride), size);
    if (stride < 0) // from its other end
      address -= std::min(address, times(bytes, extent - 1));
    elements = times(elements, extent);
    size_t at = rank++;
    for (; at > 0 && dims[at - 1].stride > bytes; --at)
      dims[at] = dims[at - 1];
    dims[at] = {bytes, extent};
  }
  pattern.bytes = double(elements) * double(size);
  // Gaps of less than a word leave no word out.
  uint64_t run = size;
  size_t outer = 0;
  while (outer < rank && double(dims[outer].stride) < double(run) + word) {
    run = std::min(kMost,
                   times(dims[outer].stride, dims[outer].extent - 1) + run);
    ++outer;
  }
  if (outer == rank && isEverywhere(run))
    return true;
  double runs = 1;
  pattern.mask = maskOf(address, run);
  uint64_t banks = std::min(count, (run + interleave - 1) / interleave);
  for (size_t i = outer; i < rank; ++i) {
    runs *= double(dims[i].extent);
    pattern.mask = repeated(pattern.mask, dims[i]);
    if (count > groups)
      banks = std::min(
          count,
          times(banks, std::min(dims[i].extent,
                                period / std::gcd(dims[i].stride, period))));
  }
  uint64_t touched = uint64_t(std::popcount(pattern.mask));
  if (outer == rank) {
    // One run: the bank with the most of it.
    uint64_t first = std::min(run, interleave - address % interleave);
    double most = double(std::max(first, std::min(interleave, run - first)));
    pattern.banks = double(run) / std::max(most, std::min(double(run), word));
  } else if (pattern.mask == all && count == groups) {
    pattern.banks = double(count);
  } else if (count == groups) {
    pattern.banks = double(touched);
  } else {
    pattern.banks = double(std::min(banks, times(touched, count / groups + 1)));
  }
  double perRun = double(run) * perWord;
  if (outer < rank) // each run takes whole words
    perRun = std::ceil(
        (std::fmod(double(address), word) + double(run)) * perWord - 1e-9);
  pattern.words = runs * perRun;
  auto move = [&](size_t loop, uint64_t places) {
    int64_t step = loop < view.steps.size() ? view.steps[loop] : 0;
    if (step != 0 && places > 1)
      pattern.mask = repeated(pattern.mask, {magnitude(step) % period, places});
  };
  for (size_t i = 0; i < blockTrips.size(); ++i)
    move(i, blockTrips[i]);
  for (size_t i = 0; i < trips.size(); ++i)
    move(blockTrips.size() + i, trips[i]);
  return true;
}

BankUse Banks::useOf(const Command &command,
                     const std::vector<uint64_t> &blockTrips,
                     const std::vector<uint64_t> &trips) const {
  std::array<Pattern, kMostOperands> patterns;
  size_t number = 0;
  double bytes = 0, evenWords = 0, hidden = 0;
  auto add = [&](const View &view) {
    if (view.space != Space::Sram || number == kMostOperands)
      return;
    Pattern pattern;
    if (!patternOf(view, blockTrips, trips, pattern))
      return;
    bytes += pattern.bytes;
    if (pattern.mask == all && pattern.banks >= double(count))
      evenWords += pattern.words / double(count);
    else
      patterns[number++] = pattern;
  };
  for (const View &view : command.ins)
    add(view);
  for (const View &view : command.outs)
    add(view);
  BankUse use;
  if (bytes <= 0)
    return use;
  double ideal = bytes * perWord / double(count);
  if (number == 0) { // most are like that
    use.even = evenWords / ideal;
    use.skew = skewOf(use.even);
    return use;
  }
  // The banks where most meet, of operands that are not everywhere.
  double most = 0, mostAlone = 0;
  for (size_t i = 0; i < number; ++i) {
    double sum = 0, alone = 0;
    bool isHidden = patterns[i].perBank() <= oneEach;
    if (isHidden)
      hidden += patterns[i].words / double(count);
    for (size_t j = 0; j < number; ++j) {
      if (!(patterns[i].mask & patterns[j].mask))
        continue;
      double words = patterns[j].perBank();
      sum += words;
      if (words > oneEach)
        alone += words;
    }
    use.mask |= patterns[i].mask;
    most = std::max(most, sum);
    if (!isHidden)
      mostAlone = std::max(mostAlone, alone);
  }
  use.even = evenWords / ideal;
  use.focused = most / ideal;
  use.skew = skewOf((evenWords + hidden + mostAlone) / ideal);
  return use;
}

} // namespace hybridc::exec::clock
