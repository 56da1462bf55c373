//===- Diana.cpp - Networks on an analog and a digital array --------------===//
#include "Validate.h"
#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <algorithm>

using namespace hybridc;
using namespace hybridc::validate;

namespace {

/// Layers one after the other, from the formulas of single commands.
class Layers {
public:
  explicit Layers(const chip::Chip &chip) : chip(chip) {}
  double cycles = 0, ops = 0;

  double topsPerWatt() const {
    double seconds = cycles / (chip.clock_ghz * 1e9);
    return ops / (pj + chip.leakage_w * seconds * 1e12);
  }

  /// `size`: of the square result.
  void digital(uint64_t in, uint64_t out, uint64_t kernel, uint64_t size) {
    chip::Work work;
    work.kind = chip::WorkKind::Matrix;
    work.engine = "mac";
    work.format = "i8";
    work.m = size * size, work.n = out, work.k = in * kernel * kernel;
    work.inputBytes = work.m * in;
    work.weightBytes = work.n * work.k;
    work.sramReadBytes = work.inputBytes + work.weightBytes;
    work.sramWriteBytes = work.m * out;
    add(work, 2.0 * double(work.m * work.n * work.k));
  }

  /// Weights are loaded first; those that do not fit at once take turns.
  void analog(uint64_t in, uint64_t out, uint64_t kernel, uint64_t size) {
    const chip::ArrayKind &array = chip.arrays.at(0);
    uint64_t rows = in * kernel * kernel;
    for (uint64_t r = 0; r < rows; r += array.rows)
      for (uint64_t c = 0; c < out; c += array.cols) {
        chip::Work work;
        work.engine = array.name;
        work.arrays = {{uint32_t(std::min<uint64_t>(array.rows, rows - r)),
                        uint32_t(std::min<uint64_t>(array.cols, out - c))}};
        auto [usedRows, usedCols] = work.arrays[0];
        work.kind = chip::WorkKind::ProgramArray;
        add(work, 0);
        work.kind = chip::WorkKind::Analog;
        work.vectors = size * size;
        work.sramReadBytes = work.vectors * usedRows / kernel; // rows of pixels
        work.sramWriteBytes = work.vectors * usedCols;
        add(work, 2.0 * double(work.vectors) * usedRows * usedCols);
      }
  }

  void vector(uint64_t elements) {
    chip::Work work;
    work.kind = chip::WorkKind::Vector;
    work.engine = "vec";
    work.format = "i8";
    work.elements = elements;
    work.sramReadBytes = elements;
    add(work, 0);
  }

private:
  const chip::Chip &chip;
  double pj = 0;

  void add(const chip::Work &work, double operations) {
    chip::Cost cost = chip::cost(chip, work);
    cycles += double(cost.cycles);
    pj += cost.totalEnergy_pj();
    ops += operations;
  }
};

} // namespace

void validate::checkDiana(Rows &rows) {
  auto chip = chip::loadChip("diana");
  if (!chip)
    return rows.failed("DIANA", "networks", chip.error().message);
  // conv1, pooling and layer1 of ResNet-18 at 224 x 224.
  Layers segment(*chip);
  segment.digital(3, 64, 7, 112);
  segment.vector(9 * 64 * 56 * 56);
  for (int conv = 0; conv < 4; ++conv) {
    segment.analog(64, 64, 3, 56);
    if (conv % 2)
      segment.vector(64 * 56 * 56);
  }
  rows.relative("DIANA, measured", "first segment of ResNet-18", "cycles",
                8.12e5, segment.cycles, 0.2);
  // The source does not name the network; ResNet-20 is a guess.
  Layers cifar(*chip);
  cifar.digital(3, 16, 3, 32);
  uint64_t in = 16;
  for (uint64_t out : {16, 32, 64}) {
    uint64_t size = 32 * 16 / out;
    for (int conv = 0; conv < 6; ++conv) {
      cifar.analog(conv ? out : in, out, 3, size);
      if (conv % 2)
        cifar.vector(out * size * size);
    }
    in = out;
  }
  cifar.digital(64, 10, 1, 1);
  rows.relative("DIANA, measured",
                "system efficiency on CIFAR-10, as if by ResNet-20", "TOPS/W",
                7.02, cifar.topsPerWatt(), 0.2);
  Layers imageNet(*chip);
  imageNet.digital(3, 64, 7, 112);
  imageNet.vector(9 * 64 * 56 * 56);
  in = 64;
  for (uint64_t out : {64, 128, 256, 512}) {
    uint64_t size = 56 * 64 / out;
    for (int conv = 0; conv < 4; ++conv) {
      imageNet.analog(conv ? out : in, out, 3, size);
      if (conv % 2)
        imageNet.vector(out * size * size);
    }
    if (in != out)
      imageNet.digital(in, out, 1, size);
    in = out;
  }
  imageNet.digital(512, 1000, 1, 1);
  rows.relative("DIANA, measured",
                "system efficiency on ImageNet, as if by ResNet-18", "TOPS/W",
                5.56, imageNet.topsPerWatt(), 3.5);
}
