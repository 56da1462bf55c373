//===- Adc.cpp - Energy of a conversion -----------------------------------===//
#include "Validate.h"
#include "hybridc/Chip/Work.h"

#include <fmt/format.h>

using namespace hybridc;
using namespace hybridc::validate;

void validate::checkAdc(Rows &rows) {
  const struct {
    double bits, nm, hz, pj;
  } cases[] = {
      {8, 32, 1.28e9, 1.929},
      {8, 28, 1e8, 1.333},
      {5, 28, 1e8, 0.728},
      {8, 14, 1e7, 0.362},
  };
  for (const auto &c : cases)
    rows.relative(
        "survey fit",
        fmt::format("{} bits, {} nm, {:.4g} MS/s", c.bits, c.nm, c.hz / 1e6),
        "pJ", c.pj, chip::adcEnergy_pj(c.bits, c.nm, c.hz), 0.01);
}
