//===- RowStationary.cpp - A row-stationary spatial array -----------------===//
//
// The mapping of the row-stationary dataflow (Chen et al., Eyeriss, ISCA and
// JSSC 2016/17), chosen from the shape alone:
//  - a set of PEs is kernel rows × a strip of output rows; sets that are wider
//    than the array fold, and the array holds as many sets as fit, which work
//    on different filters or channels; whatever takes least;
//  - a PE keeps p filters × q channels × one kernel row, as its stores allow;
//  - the scratchpad keeps the partial sums of m filters × n images; m and n
//    are those that move the fewest words between scratchpad and DRAM.
// A pass then takes p · q · kernel width · output width · n cycles, or what its
// partial sums take to come and go, after its filters and first inputs have
// come over the network.
//
// Each pass reads its filters and its inputs from the scratchpad, once for all
// PEs that need them (multicast); its partial sums go there, and the next
// channels' pass brings them back.
//
//===----------------------------------------------------------------------===//

#include "Formats.h"
#include "MacTime.h"

#include <algorithm>
#include <cmath>

namespace hybridc::chip {
namespace {

uint64_t ceilDiv(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

/// One group of a convolution.
struct Shape {
  uint64_t kernelH, kernelW, outH, outW, channels, filters, images, groups;
  uint64_t stride, strideW;
};

Shape shapeOf(const Work &work) {
  Shape s;
  bool isConv =
      work.kernelH > 0 && work.kernelW > 0 && work.outH > 0 && work.outW > 0;
  // A plain GEMM is a 1×1 convolution whose rows are the output rows.
  s.kernelH = isConv ? work.kernelH : 1;
  s.kernelW = isConv ? work.kernelW : 1;
  s.outH = isConv ? work.outH : work.m;
  s.outW = isConv ? work.outW : 1;
  s.channels = std::max<uint64_t>(1, work.k / (s.kernelH * s.kernelW));
  s.filters = work.n;
  s.groups = std::clamp<uint64_t>(work.groups, 1, work.batch);
  s.images = std::max<uint64_t>(1, work.batch / s.groups);
  s.stride = std::max(1u, work.stride);
  s.strideW = work.strideW ? work.strideW : s.stride;
  return s;
}

/// The largest part ≤ `limit` that wastes least of `total` when it is cut up.
uint64_t bestPart(uint64_t total, uint64_t limit) {
  limit = std::clamp<uint64_t>(limit, 1, total);
  uint64_t best = 1, least = total;
  // PE stores are small: a few dozen candidates.
  for (uint64_t part = std::max<uint64_t>(1, limit / 2); part <= limit; ++part)
    if (uint64_t covered = ceilDiv(total, part) * part;
        part == limit / 2 || best == 1 || covered <= least) {
      best = part;
      least = covered;
    }
  return best;
}

struct Strip {
  uint64_t rows = 1; ///< output rows of a set
  uint64_t sets = 1; ///< that the array holds
};

/// The whole convolution when sets work on strips of `rows` output
/// rows and `sets` of them fit, `filterSets` of which work on different filters
/// and the rest on different channels. Kernel rows beyond the array's height
/// take several turns.
MatrixUse useWith(const Chip &chip, const Work &work, const Shape &s,
                  uint64_t rows, uint64_t sets, uint64_t filterSets) {
  const Mac &mac = chip.mac;
  uint64_t kernelRows = std::min<uint64_t>(s.kernelH, mac.rows);
  uint64_t turns = ceilDiv(s.kernelH, mac.rows);
  uint64_t q = std::clamp<uint64_t>(mac.input_words / s.kernelW, 1, s.channels);
  uint64_t p = bestPart(
      s.filters,
      std::min<uint64_t>(mac.psum_words, mac.filter_words / (q * s.kernelW)));
  filterSets = std::min(filterSets, ceilDiv(s.filters, p));
  uint64_t channelSets =
      std::clamp<uint64_t>(sets / filterSets, 1, ceilDiv(s.channels, q));

  // Which m (in steps of p · filterSets) and n to keep partial sums of.
  double wordBytes = std::max(1u, bitsOf(rateName(work.format)) / 8);
  double capacity = double(chip.sram.bytes) / wordBytes;
  double inRows = double(rows - 1) * double(s.stride) + double(s.kernelH);
  double inCols = double(s.outW - 1) * double(s.strideW) + double(s.kernelW);
  double strips = double(ceilDiv(s.outH, rows));
  double inputs =
      double(s.images) * double(s.channels) * strips * inRows * inCols;
  double filters =
      double(s.filters) * double(s.channels) * double(s.kernelH * s.kernelW);
  uint64_t step = p * filterSets;
  double passFilters =
      double(step) * double(q * channelSets) * double(kernelRows * s.kernelW);
  uint64_t images = 1;
  double leastWords = HUGE_VAL;
  for (uint64_t n = 1; n <= s.images; ++n) {
    double perImage = double(q * channelSets) * inRows * inCols;
    double sumsPerStep = double(step * rows) * double(s.outW);
    double room = capacity - passFilters - double(n) * perImage;
    uint64_t steps = room <= 0 ? 0 : uint64_t(room / (sumsPerStep * double(n)));
    if (steps == 0)
      break;
    uint64_t m = std::min(steps * step, s.filters);
    double words = inputs * double(ceilDiv(s.filters, m)) +
                   filters * strips * double(ceilDiv(s.images, n));
    if (words < leastWords) {
      leastWords = words;
      images = n;
    }
  }

  double rounds = double(ceilDiv(s.images, images));
  double filterParts = double(ceilDiv(s.filters, step));
  // Parts of what is summed over: channels, and kernel rows that take turns.
  double parts = double(ceilDiv(s.channels, q * channelSets)) * double(turns);
  double passes = filterParts * parts * strips * rounds * double(s.groups);
  double compute = double(p * q * s.kernelW) * double(s.outW) * double(images);
  // Partial sums of the channels before come in and go out again meanwhile,
  // each way over a network of its own.
  double sums = double(step * rows) * double(s.outW) * double(images);
  compute = std::max(compute, sums / mac.network_words_per_cycle);
  double firstInputs = double(q * channelSets) * inRows * double(s.kernelW);
  double fill = (passFilters + firstInputs) / mac.network_words_per_cycle;

  MatrixUse use;
  use.counted = true;
  use.cycles = passes * (compute / mac.efficiency + fill);
  use.words.inputs = inputs * filterParts * double(s.groups);
  use.words.weights = filters * strips * rounds * double(s.groups);
  double outputs = double(s.filters) * double(s.outH) * double(s.outW) *
                   double(s.images) * double(s.groups);
  use.words.sumsRead = use.words.sumsWritten = outputs * (parts - 1);
  use.words.narrowSums = true;
  return use;
}

double wordsOf(const MatrixUse &use) {
  return use.words.inputs + use.words.weights + 2 * use.words.sumsRead;
}

} // namespace

MatrixUse rowStationary(const Chip &chip, const Work &work) {
  const Mac &mac = chip.mac;
  Shape s = shapeOf(work);
  uint64_t kernelRows = std::min<uint64_t>(s.kernelH, mac.rows);
  uint64_t stacked = std::max<uint64_t>(1, mac.rows / kernelRows);
  uint64_t widest = std::min<uint64_t>(s.outH, stacked * mac.cols);
  MatrixUse best;
  best.cycles = HUGE_VAL;
  // A set that is wider than the array folds over several rows of sets.
  for (uint64_t rows = 1; rows <= widest; ++rows) {
    uint64_t sets = rows <= mac.cols ? stacked * (mac.cols / rows)
                                     : stacked / ceilDiv(rows, mac.cols);
    for (uint64_t filterSets = 1; filterSets <= sets; filterSets *= 2) {
      MatrixUse use = useWith(chip, work, s, rows, sets, filterSets);
      if (use.cycles < best.cycles ||
          (use.cycles == best.cycles && wordsOf(use) < wordsOf(best)))
        best = use;
    }
  }
  return best;
}

} // namespace hybridc::chip
