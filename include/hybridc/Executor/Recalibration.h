//===- Recalibration.h - When arrays are read out or rewritten -*- C++ -*-===//
//
// The cells of an array drift. A read-out followed by new gains undoes what
// they have in common; what they do not have in common only writing them anew
// undoes. The schedule here is the cheapest that keeps the error of products
// within a bound for as long as the program is to be used.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_EXECUTOR_RECALIBRATION_H
#define HYBRIDC_EXECUTOR_RECALIBRATION_H

#include "hybridc/Chip/Chip.h"

#include <vector>

namespace hybridc::exec {

/// What the cells of a device do with age, from a simulated array of 128 × 128
/// weights ~ N(0, 1/3) clipped to ±1.
struct DriftCurve {
  std::vector<double> age_s; ///< 0, then ascending in equal steps of ln(age)
  /// Least-squares slope of the weights held over those wanted.
  std::vector<double> slope;
  /// Mean |weight| as a read-out sees it.
  std::vector<double> reading;
  /// ‖held / slope − wanted‖ / ‖wanted‖: what no gain corrects.
  std::vector<double> spread;

  /// Error of products `age` after writing, gains being those of a read-out at
  /// `gainAge` (0: none), beyond that of freshly written weights, relative.
  double error(double age, double gainAge) const;
};

/// Errors: those of AnalogArray::create.
Result<DriftCurve> driftOf(const chip::ArrayKind &kind, double until_s);

struct RecalibrationPlan {
  /// Seconds after the first programming, ascending.
  std::vector<double> gainAt_s, programAt_s;
  double worst = 0;     ///< largest DriftCurve::error until the horizon
  double energy_pj = 0; ///< for one whole array of each kind
};

/// The cheapest plan, in energy, that keeps the error of every inference array
/// kind at or below `bound` until `horizon_s`: writing anew at equal distances,
/// gains each as late as the bound allows. Cells are not written so often that
/// one in a thousand fails. Errors: Unsupported when no plan does it, with the
/// least bound (to 10 %) for which there is one; InvalidInput for devices.
Result<RecalibrationPlan> planRecalibration(const chip::Chip &chip,
                                            double horizon_s, double bound);

} // namespace hybridc::exec

#endif // HYBRIDC_EXECUTOR_RECALIBRATION_H
