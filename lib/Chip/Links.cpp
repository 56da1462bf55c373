//===- Links.cpp - What crosses between chiplets --------------------------===//

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <algorithm>
#include <bit>

namespace hybridc::chip {

namespace {

/// The grid of chiplets that the matrix engine lies over has the engine's rows
/// (K, or M of an output-stationary one) and columns: what streams along a row
/// is needed by all chiplets of the row, partial sums run down the columns.
double matrixBytes(const Chip &chip, const Work &work) {
  auto [rows, cols] = chip.chiplets.grid();
  double far = chip.chiplets.elsewhere();
  double input = double(work.inputBytes), weights = double(work.weightBytes);
  double out = double(work.sramWriteBytes + work.dramWriteBytes);
  double rest = double(work.sramReadBytes + work.dramReadBytes) - input -
                weights; // sums to go on from
  const std::string &flow = chip.mac.dataflow;
  double copies = 0, sums = 0;
  if (flow == "ws" || flow == "photonic") {
    copies = input * cols + weights;
    sums = (rows - 1) * out;
  } else if (flow == "is") {
    copies = input + weights * cols;
    sums = (rows - 1) * out;
  } else { // outputs stay where they are
    copies = input * cols + weights * rows;
  }
  return far * (copies + std::max(0.0, rest) + out) + sums;
}

/// The chiplets that have arrays of the command.
uint64_t chipletsOf(const Chip &chip, const Work &work, uint32_t &number) {
  const ArrayKind *kind = chip.findArray(work.engine);
  uint32_t count = chip.chiplets.count, bits = std::min(64u, count);
  number = 1;
  if (!kind)
    return 1;
  uint32_t each = std::max(1u, (kind->count + count - 1) / count);
  uint64_t mask = 0;
  for (size_t i = 0; i < work.arrays.size(); ++i) {
    uint64_t place = i < work.places.size() ? work.places[i] : i * work.slices;
    uint64_t chiplet = std::min<uint64_t>(count - 1, place / each);
    mask |= uint64_t(1) << (chiplet * bits / count);
  }
  number = std::max(1u, uint32_t(std::popcount(mask)));
  return mask ? mask : 1;
}

/// `in` goes to each of `number` chiplets, `out` comes from all of them.
LinkUse toSome(const Chip &chip, double in, double out, uint64_t mask,
               uint32_t number) {
  double count = chip.chiplets.count, far = chip.chiplets.elsewhere();
  LinkUse use;
  use.mask = mask;
  use.focused = far * in;
  use.even = far * out / count;
  use.bytes = number * use.focused + count * use.even;
  use.busiest = std::max(use.even + use.focused, far * out / number);
  return use;
}

} // namespace

LinkUse linkUse(const Chip &chip, const Work &work, uint64_t dramBytes) {
  LinkUse use;
  if (chip.chiplets.count <= 1)
    return use;
  double far = chip.chiplets.elsewhere();
  double reads = double(work.sramReadBytes + work.dramReadBytes);
  double writes = double(work.sramWriteBytes + work.dramWriteBytes);
  uint32_t number = 1;
  uint64_t mask = 1;
  switch (work.kind) {
  case WorkKind::Transfer:
    use.bytes = far * (dramBytes ? double(dramBytes) : writes);
    break;
  case WorkKind::Matrix:
    use.bytes = matrixBytes(chip, work);
    break;
  case WorkKind::Vector: // each chiplet has the part that it computes
    use.bytes = far * double(work.dramReadBytes + work.dramWriteBytes);
    break;
  case WorkKind::Analog:
  case WorkKind::ProgramArray:
  case WorkKind::PulsedUpdate:
    mask = chipletsOf(chip, work, number);
    return toSome(chip, reads, writes, mask, number);
  case WorkKind::Control: // the core is on the first
    return toSome(chip, reads, writes, 1, 1);
  case WorkKind::ArrayGain:
  case WorkKind::RefreshPairs: // within the array
    break;
  }
  use.even = use.busiest = use.bytes / chip.chiplets.count;
  return use;
}

} // namespace hybridc::chip
