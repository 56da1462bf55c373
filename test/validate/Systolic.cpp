//===- Systolic.cpp - Cycles of SCALE-Sim ---------------------------------===//
#include "Validate.h"
#include "hybridc/Chip/Work.h"

#include <fmt/format.h>

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
}
