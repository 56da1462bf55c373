//===- Eyeriss.cpp - AlexNet on a row-stationary array --------------------===//
#include "DeviceCsv.h"
#include "Validate.h"
#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

using namespace hybridc;
using namespace hybridc::validate;

/// A column of each layer and of all, as measured.
static std::vector<double> measured(size_t column) {
  std::ifstream file(HYBRIDC_TEST_DATA_DIR "/hardware/eyeriss_alexnet.csv");
  std::string line;
  std::getline(file, line); // Layer, Power, Total, Processing, …
  std::vector<double> all;
  while (std::getline(file, line)) {
    std::vector<std::string> cells = test::splitCsvLine(line);
    if (cells.size() > column)
      all.push_back(std::stod(cells[column]));
  }
  return all;
}

void validate::checkEyeriss(Rows &rows) {
  auto chip = chip::loadChip("eyeriss");
  std::vector<double> want = measured(3), accesses = measured(7);
  if (!chip || want.size() != 6 || accesses.size() != 6)
    return rows.failed("Eyeriss", "AlexNet",
                       chip ? "no measurements" : chip.error().message);
  struct Conv {
    uint64_t channels, filters;
    uint32_t kernel, out, stride, groups;
  };
  const Conv layers[] = {{3, 96, 11, 55, 4, 1},
                         {48, 128, 5, 27, 1, 2},
                         {256, 384, 3, 13, 1, 1},
                         {192, 192, 3, 13, 1, 2},
                         {192, 128, 3, 13, 1, 2}};
  double sum = 0, sumBytes = 0;
  std::vector<double> megabytes;
  for (size_t i = 0; i < 5; ++i) {
    const Conv &layer = layers[i];
    chip::Work work;
    work.kind = chip::WorkKind::Matrix;
    work.engine = "mac";
    work.format = "i16";
    work.groups = layer.groups;
    work.batch = 4 * layer.groups;
    work.kernelH = work.kernelW = layer.kernel;
    work.outH = work.outW = layer.out;
    work.stride = layer.stride;
    work.m = uint64_t(layer.out) * layer.out;
    work.n = layer.filters;
    work.k = layer.channels * layer.kernel * layer.kernel;
    // What the layer's operands and results are, two bytes each.
    uint64_t side = (layer.out - 1) * layer.stride + layer.kernel;
    work.inputBytes = 2 * work.batch * layer.channels * side * side;
    work.weightBytes = 2 * layer.groups * work.n * work.k;
    work.sramReadBytes = work.inputBytes + work.weightBytes;
    work.sramWriteBytes = 2 * work.batch * work.m * work.n;
    megabytes.push_back(chip::sramTraffic(*chip, work).bytes() / 1e6);
    sumBytes += megabytes.back();
    double ms =
        double(chip::cost(*chip, work).cycles) / (chip->clock_ghz * 1e6);
    sum += ms;
    rows.relative("Eyeriss, measured",
                  "CONV" + std::to_string(i + 1) + ", batch 4", "ms", want[i],
                  ms, 0.10);
  }
  rows.relative("Eyeriss, measured", "all five, batch 4", "ms", want[5], sum,
                0.10);
  // Not used for times: the mapping follows from the shape alone.
  for (size_t i = 0; i < 5; ++i)
    rows.relative("Eyeriss, measured",
                  fmt::format("CONV{}, accesses of the buffer", i + 1), "MB",
                  accesses[i], megabytes[i], 0.25);
  rows.relative("Eyeriss, measured", "all five, accesses of the buffer", "MB",
                accesses[5], sumBytes, 0.25);
}
