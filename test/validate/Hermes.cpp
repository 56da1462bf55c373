//===- Hermes.cpp - A chip of 64 PCM cores --------------------------------===//
#include "Arrays.h"
#include "Validate.h"

using namespace hybridc;
using namespace hybridc::validate;

void validate::checkHermes(Rows &rows) {
  auto chip = chip::loadChip("pcm-hermes");
  if (!chip)
    return rows.failed("Hermes", "64 cores", chip.error().message);
  chip->arrays.at(0).phases = 4;
  AllArrays four = allArrays(*chip);
  rows.relative("Hermes, measured", "four phases, peak", "TOPS", 16.1,
                four.tops, 0.03);
  rows.relative("Hermes, measured", "four phases, efficiency", "TOPS/W", 2.48,
                four.topsPerWatt, 0.03);
  // The preset's mvm_ns and energies come from these two.
  rows.evidence = Evidence::Arithmetic;
  chip->arrays.at(0).phases = 1;
  AllArrays one = allArrays(*chip);
  rows.relative("Hermes, measured", "one phase, peak", "TOPS", 63.1, one.tops,
                0.02);
  rows.relative("Hermes, measured", "one phase, efficiency", "TOPS/W", 9.76,
                one.topsPerWatt, 0.02);
  rows.relative("Hermes, derived", "one MVM", "ns", 133, one.unitNs, 0.02);
  rows.relative("Hermes, derived", "power at peak", "W", 6.5, one.watts, 0.02);
}

void validate::checkPcm34(Rows &rows) {
  auto chip = chip::loadChip("pcm-ibm34");
  if (!chip)
    return rows.failed("IBM, 34 tiles", "efficiency", chip.error().message);
  rows.relative("IBM, 34 tiles, measured",
                "sustained efficiency beside that of all arrays at once",
                "TOPS/W", 12.4, allArrays(*chip).topsPerWatt, 0.4);
}
