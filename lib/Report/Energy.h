//===- Energy.h - Where the energy goes, and what that rests on -*- C++ -*-===//
#ifndef HYBRIDC_LIB_REPORT_ENERGY_H
#define HYBRIDC_LIB_REPORT_ENERGY_H

#include "hybridc/Report/Results.h"

namespace hybridc::report {

/// Fills energy, trust and unverifiedEnergyShare; totals must be there.
void rollUpEnergy(const exec::ClockResult &clock, const chip::Chip &chip,
                  Results &results);

} // namespace hybridc::report

#endif // HYBRIDC_LIB_REPORT_ENERGY_H
