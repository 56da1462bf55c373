//===- Thermal.cpp - Leakage against measured currents --------------------===//
#include "Validate.h"
#include "hybridc/Thermal/Die.h"

#include <fmt/format.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::validate;

/// Average leakage currents of a gate at 65 nm, in µA (Liao, He and Lepak,
/// IEEE TCAD, July 2005).
void validate::checkLeakage(Rows &rows) {
  chip::Chip chip;
  chip.name = "one block";
  chip.die_area_mm2 = 100;
  chip.leakage_w = 1;
  auto die = exec::Die::create(chip);
  if (!die)
    return rows.failed("65 nm", "leakage", die.error().message);
  auto watts = [&](double celsius, double volts) {
    return die->leakageAt(
        {celsius + 273.15},
        {std::pow(volts / .95, exec::kLeakageVoltageExponent)})[0];
  };
  const struct {
    double celsius, volts, microamperes;
  } points[] = {{80, .95, 19.44},
                {100, .95, 23.44},
                {80, 1.05, 25.14},
                {100, 1.05, 29.56},
                {60, 1.05, 21.33}};
  for (const auto &p : points)
    rows.relative("65 nm, TCAD 2005",
                  fmt::format("leakage current at {} C and {} V over that at "
                              "60 C and 0.95 V",
                              p.celsius, p.volts),
                  "", p.microamperes / 16.00,
                  watts(p.celsius, p.volts) / p.volts / (watts(60, .95) / .95),
                  0.06);
}
