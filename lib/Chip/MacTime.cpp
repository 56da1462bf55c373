//===- MacTime.cpp - Cycles of the matrix engine
//---------------------------===//

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

/// `rate` above 1 shortens the streaming (several values a step); below 1 every
/// step of the wave takes longer, so loading and draining do too.
double systolic(const Mac &mac, const Work &work, double rate) {
  SystolicShape shape = systolicShape(mac.dataflow, work.m, work.n, work.k);
  double rows = mac.rows, cols = mac.cols;
  double folds = double(ceilDiv(shape.rows, mac.rows)) *
                 double(ceilDiv(shape.cols, mac.cols));
  double batch = double(work.batch);
  if (mac.dataflow == "ws" && work.groups > 1) {
    // Groups that are smaller than the array share it: their weights lie on
    // its block diagonal, each fed by rows of its own.
    uint64_t groups = std::min<uint64_t>(work.groups, work.batch);
    uint64_t together = std::clamp<uint64_t>(
        std::min(mac.rows / shape.rows, mac.cols / shape.cols), 1, groups);
    uint64_t whole = work.batch / groups;
    batch = double(whole) * double(ceilDiv(groups, together));
  }
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

double photonic(const Chip &chip, const Work &work, double rate) {
  const Mac &mac = chip.mac;
  double folds = double(ceilDiv(work.k, mac.rows)) *
                 double(ceilDiv(work.n, mac.cols)) * double(work.batch);
  // Light crosses the mesh within a cycle; only setting it takes time.
  return folds *
         (double(work.m) / rate + double(chip.cyclesOf(mac.program_ns)));
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
    return {inputs * colFolds, weights * rowFolds, outputs};
  if (dataflow == "is") // K is spread over the rows
    return {inputs, weights * colFolds, outputs * rowFolds};
  return {inputs * colFolds, weights, outputs * rowFolds};
}

uint64_t matrixCycles(const Chip &chip, const Work &work) {
  const Mac &mac = chip.mac;
  if (mac.rows == 0 || work.m == 0 || work.n == 0 || work.k == 0 ||
      work.batch == 0)
    return 0;
  double rate = rateOf(mac.rate, work.format);
  double macs =
      double(work.m) * double(work.n) * double(work.k) * double(work.batch);
  double pes = double(mac.rows) * double(mac.cols);
  double cycles;
  if (mac.dataflow == "row_stationary")
    cycles = rowStationaryCycles(chip, work) / rate;
  else if (mac.dataflow == "simd")
    cycles = macs / (pes * rate * mac.efficiency);
  else if (mac.dataflow == "event")
    cycles = macs * mac.activity / (pes * rate);
  else if (mac.dataflow == "photonic")
    cycles = photonic(chip, work, rate);
  else
    cycles = systolic(mac, work, rate);
  return static_cast<uint64_t>(std::ceil(std::clamp(cycles, 1.0, 1e18)));
}

} // namespace hybridc::chip
