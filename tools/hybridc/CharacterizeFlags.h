//===- CharacterizeFlags.h - Options of characterize --what … -*- C++ -*-===//
#ifndef HYBRIDC_TOOLS_HYBRIDC_CHARACTERIZEFLAGS_H
#define HYBRIDC_TOOLS_HYBRIDC_CHARACTERIZEFLAGS_H

#include "Commands.h"

#include "hybridc/Studies/ChipStudy.h"
#include "hybridc/Studies/ThermalStudy.h"

namespace hybridc::driver {

/// --what timing and adc.
void addChipStudy(CLI::App &app, ChipStudy &study);
/// --what thermal.
void addThermalStudy(CLI::App &app, ThermalStudyArgs &args);

} // namespace hybridc::driver

#endif // HYBRIDC_TOOLS_HYBRIDC_CHARACTERIZEFLAGS_H
