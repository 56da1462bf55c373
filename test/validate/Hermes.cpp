//===- Hermes.cpp - A chip of 64 PCM cores --------------------------------===//
#include "Arrays.h"
#include "Validate.h"

using namespace hybridc;
using namespace hybridc::validate;

void validate::checkHermes(Rows &rows) {
  auto chip = chip::loadChip("pcm-hermes");
  if (!chip)
    return rows.failed("Hermes", "64 cores", chip.error().message);
  AllArrays all = allArrays(*chip);
  rows.relative("Hermes, published", "one MVM", "ns", 133, all.unitNs, 0.02);
  rows.relative("Hermes, published", "peak", "TOPS", 63.1, all.tops, 0.02);
  rows.relative("Hermes, published", "efficiency", "TOPS/W", 9.76,
                all.topsPerWatt, 0.02);
  rows.relative("Hermes, derived", "power at peak", "W", 6.5, all.watts, 0.02);
}
