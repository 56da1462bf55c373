//===- MacTime.cpp - Cycles and accesses of the matrix engine ------------===//

#include "MacTime.h"

#include "Formats.h"

#include <algorithm>
#include <cmath>

namespace hybridc::chip {
namespace {

uint64_t ceilDiv(uint64_t a, uint64_t b) { return b ? (a + b - 1) / b : 0; }

/// The GEMM as a systolic array sees it: rows and columns of what is spread
/// over the PEs, and how long the rest streams by (hardware-model.md §5).
struct SystolicShape {
  uint64_t rows, cols, time;
  bool loads; ///< a stationary operand is loaded before each fold
};

SystolicShape systolicShape(std::string_view dataflow, uint64_t m, uint64_t n,
                            uint64_t k) {
  if (dataflow == "os")
    return {m, n, k, false};
  if (dataflow == "is")
    return {k, m, n, true};
  return {k, n, m, true};
}

/// The products of a command as one GEMM for each matrix of weights: images
/// that share their weights are so many more rows.
struct Gemm {
  uint64_t m, n, k;
  uint64_t count; ///< groups of a convolution, matrices of a batch
};

Gemm gemmOf(const Work &work) {
  uint64_t groups = std::clamp<uint64_t>(work.groups, 1, work.batch), m;
  if (work.batch % groups ||
      __builtin_mul_overflow(work.m, work.batch / groups, &m))
    return {work.m, work.n, work.k, work.batch};
  return {m, work.n, work.k, groups};
}

/// Matrices of a batch that share the array: groups that are smaller than it
/// have their weights on its block diagonal, each fed by rows of its own.
double rounds(const Mac &mac, const Gemm &gemm) {
  uint64_t together = std::min(mac.rows / std::max<uint64_t>(1, gemm.k),
                               mac.cols / std::max<uint64_t>(1, gemm.n));
  return double(
      ceilDiv(gemm.count, std::clamp<uint64_t>(together, 1, gemm.count)));
}

/// `rate` above 1 shortens the streaming (several values a step); below 1 every
/// step of the wave takes longer, so loading and draining do too.
double systolic(const Mac &mac, const Gemm &gemm, double rate) {
  SystolicShape shape = systolicShape(mac.dataflow, gemm.m, gemm.n, gemm.k);
  double rows = mac.rows, cols = mac.cols;
  double folds = double(ceilDiv(shape.rows, mac.rows)) *
                 double(ceilDiv(shape.cols, mac.cols));
  double batch = mac.dataflow == "ws" ? rounds(mac, gemm) : double(gemm.count);
  double time = std::ceil(double(shape.time) / std::max(1.0, rate));
  double fill = shape.loads ? rows : 0; // loading the stationary operand
  double drain = rows + cols - 2;       // the wave across the array
  double cycles;
  if (shape.loads && mac.stationary_buffers > 1)
    // Loading hides behind the present fold's streaming, and the wave of one
    // fold follows that of the last without a gap.
    cycles = batch * folds * std::max(time, fill) + fill + drain;
  else
    cycles = batch * (folds * (fill + drain + time) - 1);
  return cycles / std::min(1.0, rate);
}

double photonic(const Chip &chip, const Gemm &gemm, double rate) {
  const Mac &mac = chip.mac;
  double folds = double(ceilDiv(gemm.k, mac.rows)) *
                 double(ceilDiv(gemm.n, mac.cols)) * double(gemm.count);
  // Light crosses the mesh within a cycle; only setting it takes time.
  return folds *
         (double(gemm.m) / rate + double(chip.cyclesOf(mac.program_ns)));
}

/// Systolic arrays and the mesh: K is spread over the rows of all but `os`, so
/// that sums go on from one fold to the next.
MatrixWords arrayWords(const Mac &mac, const Gemm &gemm) {
  SystolicAccesses each = systolicAccesses(mac.dataflow, mac.rows, mac.cols,
                                           gemm.m, gemm.n, gemm.k);
  double count = double(gemm.count);
  MatrixWords words;
  words.inputs = each.inputReads * count;
  words.weights = each.weightReads * count;
  double perColumn = double(mac.dataflow == "is" ? gemm.n : gemm.m);
  double staying = std::min(1.0, double(mac.accumulator_words) / perColumn);
  double sums = each.sumReads * count;
  words.sumsRead = words.sumsWritten = (1 - staying) * sums;
  words.accumulated = 2 * staying * sums;
  return words;
}

/// A pool of PEs takes tiles of the result: the sums of a tile stay in it.
MatrixWords poolWords(const Mac &mac, const Gemm &gemm) {
  uint32_t inputs = mac.input_sharing ? mac.input_sharing : mac.cols;
  uint32_t weights = mac.weight_sharing ? mac.weight_sharing : mac.rows;
  double count = double(gemm.k) * double(gemm.count);
  MatrixWords words;
  words.inputs = count * double(gemm.m) * double(ceilDiv(gemm.n, inputs));
  words.weights = count * double(gemm.n) * double(ceilDiv(gemm.m, weights));
  return words;
}

} // namespace

uint64_t systolicCycles(std::string_view dataflow, uint64_t rows, uint64_t cols,
                        uint64_t m, uint64_t n, uint64_t k) {
  SystolicShape shape = systolicShape(dataflow, m, n, k);
  uint64_t folds = ceilDiv(shape.rows, rows) * ceilDiv(shape.cols, cols);
  uint64_t fold = (shape.loads ? rows : 0) + rows + cols + shape.time;
  // Saturating: a GEMM without folds takes no time.
  return folds == 0 || fold < 3 ? 0 : folds * (fold - 2) - 1;
}

SystolicAccesses systolicAccesses(std::string_view dataflow, uint64_t rows,
                                  uint64_t cols, uint64_t m, uint64_t n,
                                  uint64_t k) {
  SystolicShape shape = systolicShape(dataflow, m, n, k);
  double rowFolds = double(ceilDiv(shape.rows, rows));
  double colFolds = double(ceilDiv(shape.cols, cols));
  double inputs = double(m) * double(k), weights = double(k) * double(n);
  double outputs = double(m) * double(n);
  if (dataflow == "os") // both operands stream
    return {inputs * colFolds, weights * rowFolds, outputs, 0};
  double sums = outputs * std::max(0.0, rowFolds - 1);
  if (dataflow == "is") // K is spread over the rows
    return {inputs, weights * colFolds, outputs * rowFolds, sums};
  return {inputs * colFolds, weights, outputs * rowFolds, sums};
}

uint64_t tilePaddingBytes(const Chip &chip, const Work &work) {
  const Mac &mac = chip.mac;
  if (!mac.whole_tiles || work.kind != WorkKind::Matrix || work.n == 0 ||
      work.k == 0 || work.batch == 0 || work.weightBytes == 0)
    return 0;
  Gemm gemm = gemmOf(work);
  double tiles = double(ceilDiv(gemm.k, mac.rows)) *
                 double(ceilDiv(gemm.n, mac.cols)) * rounds(mac, gemm);
  double words = tiles * mac.rows * mac.cols;
  double used = double(gemm.k) * double(gemm.n) * double(gemm.count);
  double bytes = double(work.weightBytes) * (words / used - 1);
  return uint64_t(std::clamp(bytes, 0.0, 1e18));
}

MatrixUse matrixUse(const Chip &chip, const Work &work) {
  const Mac &mac = chip.mac;
  MatrixUse use;
  if (mac.rows == 0 || work.m == 0 || work.n == 0 || work.k == 0 ||
      work.batch == 0)
    return use;
  double rate = rateOf(mac.rate, work.format);
  double macs =
      double(work.m) * double(work.n) * double(work.k) * double(work.batch);
  double pes = double(mac.rows) * double(mac.cols);
  Gemm gemm = gemmOf(work);
  use.counted = true;
  if (mac.dataflow == "row_stationary") {
    use = rowStationary(chip, work);
    use.cycles /= rate;
  } else if (mac.dataflow == "simd") {
    use.cycles = macs / (pes * rate * mac.efficiency);
    use.words = poolWords(mac, gemm);
  } else if (mac.dataflow == "event") {
    // The energy of an event has that of its synapse's memory in it.
    use.cycles = macs * mac.activity / (pes * rate);
    use.counted = false;
  } else if (mac.dataflow == "photonic") {
    use.cycles = photonic(chip, gemm, rate);
    use.words = arrayWords(mac, gemm);
  } else {
    use.cycles = systolic(mac, gemm, rate);
    use.words = arrayWords(mac, gemm);
  }
  use.cycles = std::ceil(std::clamp(use.cycles, 1.0, 1e18));
  return use;
}

} // namespace hybridc::chip
