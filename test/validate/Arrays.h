//===- Arrays.h - All analog arrays of a chip at full rate ----*- C++ -*-===//
#ifndef HYBRIDC_TEST_VALIDATE_ARRAYS_H
#define HYBRIDC_TEST_VALIDATE_ARRAYS_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

namespace hybridc::validate {

/// 1000 vectors into every array of the first kind, weights in its slices.
struct AllArrays {
  double tops, topsPerWatt, watts;
  double unitNj, unitNs; ///< of one vector and one weight array
};

inline AllArrays allArrays(const chip::Chip &chip) {
  const chip::ArrayKind &array = chip.arrays.at(0);
  chip::Work work;
  work.kind = chip::WorkKind::Analog;
  work.engine = array.name;
  work.format = "f32";
  work.vectors = 1000;
  work.slices = array.slices;
  uint32_t units = array.count / array.slices;
  work.arrays.assign(units, {array.rows, array.cols});
  chip::Cost c = chip::cost(chip, work);
  double seconds = double(c.cycles) / (chip.clock_ghz * 1e9);
  double ops = 2.0 * 1000 * units * array.rows * array.cols;
  double joules = c.totalEnergy_pj() * 1e-12;
  return {ops / seconds / 1e12, ops / joules / 1e12, joules / seconds,
          joules * 1e9 / 1000 / units, seconds * 1e9 / 1000};
}

} // namespace hybridc::validate

#endif // HYBRIDC_TEST_VALIDATE_ARRAYS_H
