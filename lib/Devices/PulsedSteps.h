//===- PulsedSteps.h - One pulse on a row of cells -------------*- C++ -*-===//
//
// Private to lib/Devices.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_DEVICES_PULSEDSTEPS_H
#define HYBRIDC_LIB_DEVICES_PULSEDSTEPS_H

#include "hybridc/Devices/PulsedDevice.h"

#include <vector>

namespace hybridc::exec::detail {

/// What the step laws need beside the cells.
struct StepModel {
  StepLaw law = StepLaw::Constant;
  bool multiplicative = true;
  float std = 0, stdAdd = 0, stdSlope = 0;
  float a = 1, b = 0, aUp = 0, aDown = 0, gammaUp = 0, gammaDown = 0;
  std::vector<float> nodesUp, nodesDown;

  explicit StepModel(const PulsedDevice &device);
};

/// A run of cells. `p` and `q` are the law's own per-cell values: slopes up
/// and down (Linear), exponents (Power); `reference` of SoftBounds and Power.
struct CellRun {
  const float *low, *high, *up, *down, *p, *q, *reference;
  float *w;
};

/// One pulse: direction[i] is +1 (up), −1 (down) or 0 (none); z[i] ~ N(0, 1).
void stepCells(const StepModel &model, const CellRun &cells,
               const float *direction, const float *z, size_t n);

} // namespace hybridc::exec::detail

#endif // HYBRIDC_LIB_DEVICES_PULSEDSTEPS_H
