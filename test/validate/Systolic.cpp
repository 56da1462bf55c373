//===- Systolic.cpp - Cycles of SCALE-Sim ---------------------------------===//
#include "DeviceCsv.h"
#include "Validate.h"
#include "hybridc/Chip/Work.h"

#include <fmt/format.h>

#include <string_view>

using namespace hybridc;
using namespace hybridc::validate;

namespace {
struct Case {
  const char *dataflow;
  uint64_t rows, cols;
  /// H, W, r, s, c, M, stride of a convolution
  uint64_t h, w, r, s, c, filters, stride;
  double cycles;
};
} // namespace

/// scale_sim_cycles.csv: layers smaller and larger than arrays of all shapes.
static void checkTable(Rows &rows) {
  auto want = test::readCsv("hardware/scale_sim_cycles.csv");
  for (const char *dataflow : {"ws", "os", "is"}) {
    Points points(true);
    for (const test::CsvRow &w : want) {
      if (w.at("dataflow") != dataflow)
        continue;
      auto number = [&](const char *name) {
        return uint64_t(test::numberOf(w, name));
      };
      auto outputs = [&](const char *size, const char *kernel,
                         const char *stride) {
        uint64_t by = number(stride);
        return (number(size) - number(kernel) + by + by - 1) / by;
      };
      uint64_t pixels =
          outputs("h", "r", "stride_h") * outputs("w", "s", "stride_w");
      uint64_t cycles = chip::systolicCycles(
          dataflow, number("array_rows"), number("array_cols"), pixels,
          number("filters"), number("r") * number("s") * number("c"));
      points.add(test::numberOf(w, "cycles"), double(cycles), 0.5,
                 fmt::format("{} × {}, convolution {}, {}, {}, {}, {}, {}, "
                             "{}/{}",
                             w.at("array_rows"), w.at("array_cols"), w.at("h"),
                             w.at("w"), w.at("r"), w.at("s"), w.at("c"),
                             w.at("filters"), w.at("stride_h"),
                             w.at("stride_w")));
    }
    rows.worst("SCALE-Sim 2.0.2", fmt::format("{}, cycles", dataflow), "cycles",
               points);
  }
}

/// scale_sim_accesses.csv: words read and written at the scratchpad.
static void checkAccesses(Rows &rows) {
  auto table = test::readCsv("hardware/scale_sim_accesses.csv");
  for (const char *dataflow : {"ws", "os", "is"}) {
    Points inputs(true), weights(true), outputs(true);
    for (const test::CsvRow &w : table) {
      if (w.at("dataflow") != dataflow)
        continue;
      auto number = [&](const char *name) {
        return uint64_t(test::numberOf(w, name));
      };
      auto outputsOf = [&](const char *size, const char *kernel) {
        return (number(size) - number(kernel)) / number("stride") + 1;
      };
      uint64_t m = outputsOf("h", "r") * outputsOf("w", "s");
      uint64_t n = number("filters");
      uint64_t k = number("r") * number("s") * number("c");
      chip::SystolicAccesses have = chip::systolicAccesses(
          dataflow, number("array_rows"), number("array_cols"), m, n, k);
      std::string where = fmt::format(
          "{} × {}, convolution {}, {}, {}, {}, {}, {}, {}", w.at("array_rows"),
          w.at("array_cols"), w.at("h"), w.at("w"), w.at("r"), w.at("s"),
          w.at("c"), w.at("filters"), w.at("stride"));
      inputs.add(test::numberOf(w, "input_reads"), have.inputReads, 0.5, where);
      weights.add(test::numberOf(w, "weight_reads"), have.weightReads, 0.5,
                  where);
      outputs.add(test::numberOf(w, "output_writes"), have.outputWrites, 0.5,
                  where);
    }
    auto quantity = [&](const char *what) {
      return fmt::format("{}, {} at the scratchpad", dataflow, what);
    };
    rows.worst("SCALE-Sim 2.0.2", quantity("inputs read"), "words", inputs);
    rows.worst("SCALE-Sim 2.0.2", quantity("weights read"), "words", weights);
    // With os the peer adds the extents of each fold instead of its words.
    if (std::string_view(dataflow) != "os")
      rows.worst("SCALE-Sim 2.0.2", quantity("outputs written"), "words",
                 outputs);
  }
}

void validate::checkSystolic(Rows &rows) {
  const Case cases[] = {
      {"ws", 32, 32, 224, 224, 11, 11, 3, 96, 4, 112283},
      {"os", 32, 32, 224, 224, 11, 11, 3, 96, 4, 121124},
      {"is", 32, 32, 224, 224, 11, 11, 3, 96, 4, 216599},
      {"ws", 12, 14, 27, 27, 5, 5, 48, 128, 1, 564999},
      {"ws", 256, 256, 27, 27, 5, 5, 48, 128, 1, 6474},
  };
  for (const Case &c : cases) {
    uint64_t e = (c.h - c.r + c.stride + c.stride - 1) / c.stride;
    uint64_t f = (c.w - c.s + c.stride + c.stride - 1) / c.stride;
    uint64_t cycles = chip::systolicCycles(c.dataflow, c.rows, c.cols, e * f,
                                           c.filters, c.r * c.s * c.c);
    rows.exact("SCALE-Sim v2",
               fmt::format("{}, {} × {}, convolution {}, {}, {}, {}, {}, {}, "
                           "{}",
                           c.dataflow, c.rows, c.cols, c.h, c.w, c.r, c.s, c.c,
                           c.filters, c.stride),
               "cycles", c.cycles, double(cycles));
  }
  checkTable(rows);
  checkAccesses(rows);
}
