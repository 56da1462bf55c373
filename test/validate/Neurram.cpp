//===- Neurram.cpp - Bits of inputs and outputs of NeuRRAM ----------------===//
#include "Arrays.h"
#include "Validate.h"

#include <fmt/format.h>

using namespace hybridc;
using namespace hybridc::validate;

namespace {
struct Point {
  uint32_t in, out;
  bool twoPhases; ///< inputs in two parts, high and low
  double tops, topsPerWatt;
};
constexpr Point points[] = {
    {1, 3, false, 2.122, 43.08},  {2, 4, false, 1.793, 40.33},
    {3, 5, false, 1.165, 23.09},  {4, 6, false, 0.7439, 15.95},
    {5, 7, false, 0.4516, 11.33}, {6, 8, false, 0.2608, 9.122},
    {5, 7, true, 0.5254, 11.03},  {6, 8, true, 0.4177, 8.257},
    {7, 9, true, 0.3439, 7.750},  {8, 10, true, 0.2639, 6.437},
};
} // namespace

void validate::checkNeurram(Rows &rows) {
  auto chip = chip::loadChip("rram-neurram");
  if (!chip)
    return rows.failed("NeuRRAM", "48 cores", chip.error().message);
  for (const Point &point : points) {
    chip::ArrayKind &array = chip->arrays.at(0);
    array.input_bits = point.in;
    array.input_bits_per_phase =
        point.twoPhases ? (point.in + 1) / 2 : point.in;
    array.output_bits = point.out;
    AllArrays all = allArrays(*chip);
    std::string what =
        fmt::format("inputs of {} bits{}, outputs of {}", point.in,
                    point.twoPhases ? " in two phases" : "", point.out);
    rows.relative("NeuRRAM, measured", what + ", throughput", "TOPS",
                  point.tops, all.tops, 0.06);
    rows.relative("NeuRRAM, measured", what + ", efficiency", "TOPS/W",
                  point.topsPerWatt, all.topsPerWatt, 0.08);
  }
}
