//===- Adc.cpp - What a converter costs -----------------------------------===//
//
// Regression of the Murmann ADC survey (hardware-model.md §4): the figure of
// merit limited by speed, by resolution or by its best, then the energy of a
// conversion at that SNDR, scaled with technology and resolution.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Chip/Work.h"

#include <algorithm>
#include <cmath>

namespace hybridc::chip {

double adcEnergy_pj(double bits, double nm, double hz) {
  double fom = std::min({213.781 - 2.8719 * std::log(hz),
                         128.307 + 3.2205 * std::ceil(bits), 164.714});
  double sndr = 6.02 * bits + 1.76;
  return 0.5 * std::pow(10, (sndr - fom) / 10) *
         std::exp(26.050 + 1.8800 * std::log(nm) - 2.8291 * std::log(bits) -
                  1.4702);
}

double adcArea_um2(double bits, double nm, double hz) {
  return std::exp(0.9933 * std::log(nm) + 0.1807 * std::log(hz) +
                  0.2991 * std::log(adcEnergy_pj(bits, nm, hz)) + 1.3462);
}

} // namespace hybridc::chip
