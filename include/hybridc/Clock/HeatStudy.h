//===- HeatStudy.h - What heat does to a program on a chip --------*- C++
//-*-===//
//
// One entry, run over and over: without management, and under a policy.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CLOCK_HEATSTUDY_H
#define HYBRIDC_CLOCK_HEATSTUDY_H

#include "hybridc/Clock/Clock.h"
#include "hybridc/Stream/Program.h"
#include "hybridc/Thermal/Simulate.h"

#include <optional>
#include <string_view>

namespace hybridc::exec {

struct ThermalOptions {
  ThermalPolicy policy = ThermalPolicy::None;
  std::optional<double> ambient_c, limit_c; ///< else the chip's
  double duration_s = 600;
  /// Part of the time at work when nothing is managed.
  double duty = 1;
  /// ClockOptions::cells.
  std::vector<CellEnergy> cells = {};
};

/// Where one engine of the DVFS table stands.
struct EnginePoint {
  std::string engine;
  double nominal_ghz = 0, frequency_ghz = 0, nominal_v = 0, voltage_v = 0;
};

/// One way to run: its steady state and its history from a cold start.
struct ThermalRun {
  double run_s = 0, duty = 1;
  double runsPerSecond = 0; ///< sustained
  double energy_j = 0;      ///< of one run, sustained, leakage included
  Sustained steady;
  HeatHistory history;
  std::vector<EnginePoint> points;
  // Within one run of the steady state
  std::vector<double> within_s;              ///< ends of the intervals
  std::vector<std::vector<double>> within_k; ///< [interval][block]
};

struct ThermalStudy {
  std::string policy; ///< none | throttle | dvfs
  double ambient_k = 0, limit_k = 0, duration_s = 0;
  std::vector<std::string> blocks, engines;
  ThermalRun unmanaged;
  std::optional<ThermalRun> managed;
  /// Sustained runs per second, managed / unmanaged; 1 without a policy.
  double throughputKept = 1;
  /// Runs within the duration, likewise.
  double runsKept = 1;
  size_t numClocked = 0; ///< paces that the search had to clock
  std::vector<std::string> warnings;

  const ThermalRun &chosen() const { return managed ? *managed : unmanaged; }
};

/// "none", "throttle", "dvfs".
std::string_view nameOf(ThermalPolicy policy);

/// Errors: those of runClock() and Die::create(); Unsupported when no policy
/// can hold the limit, or `dvfs` is wanted of a chip without a table.
Result<ThermalStudy> studyHeat(const stream::Program &program,
                               const chip::Chip &chip, std::string_view entry,
                               const ThermalOptions &options);

} // namespace hybridc::exec

#endif // HYBRIDC_CLOCK_HEATSTUDY_H
