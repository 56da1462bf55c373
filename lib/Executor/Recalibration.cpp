//===- Recalibration.cpp - The cheapest schedule within a bound -----------===//
#include "hybridc/Executor/Recalibration.h"

#include "hybridc/Chip/Work.h"
#include "hybridc/Devices/AnalogArray.h"
#include "hybridc/Devices/Rng.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace hybridc::exec {
namespace {

constexpr size_t kSide = 128;
/// Ages of a curve, and times at which a plan is checked, each decade.
constexpr unsigned kAgesADecade = 12, kTimesADecade = 200;
/// Reads of each row by read_array, unless told otherwise.
constexpr uint64_t kReads = 16;
constexpr uint64_t kMostWrites = 20000;

/// Value of a column of the curve, between its ages linear in ln(age).
double at(const DriftCurve &curve, const std::vector<double> &values,
          double age) {
  const std::vector<double> &ages = curve.age_s;
  if (age <= 0 || ages.size() < 2)
    return values.front();
  size_t i =
      size_t(std::upper_bound(ages.begin(), ages.end(), age) - ages.begin());
  if (i >= ages.size())
    return values.back();
  if (i == 1) // from 0 to the first age
    return values[0] + (values[1] - values[0]) * age / ages[1];
  double part = std::log(age / ages[i - 1]) / std::log(ages[i] / ages[i - 1]);
  return values[i - 1] + (values[i] - values[i - 1]) * part;
}

/// Energy of one whole array.
struct Costs {
  double gain_pj = 0, program_pj = 0;
};

Costs costsOf(const chip::Chip &chip, const chip::ArrayKind &kind) {
  chip::Work work;
  work.engine = kind.name;
  work.format = "f32";
  work.slices = kind.slices;
  work.arrays = {{kind.rows, kind.cols}};
  Costs costs;
  auto energy = [&] {
    chip::Cost cost = chip::cost(chip, work);
    // Leakage flows meanwhile; W x ns are nJ.
    return cost.totalEnergy_pj() +
           1e3 * chip.leakage_w * double(cost.cycles) / chip.clock_ghz;
  };
  work.kind = chip::WorkKind::ProgramArray;
  work.dramReadBytes = uint64_t(kind.rows) * kind.cols * 4;
  costs.program_pj = energy();
  work.dramReadBytes = 0;
  work.kind = chip::WorkKind::Analog;
  work.vectors = kReads * kind.rows;
  costs.gain_pj = energy();
  work.kind = chip::WorkKind::ArrayGain;
  work.elements = kind.cols;
  costs.gain_pj += energy();
  return costs;
}

class Planner {
public:
  double horizon_s = 0, bound = 0;
  std::vector<DriftCurve> curves;
  Costs costs;
  uint64_t mostRewrites = kMostWrites;

  std::optional<RecalibrationPlan> run() const {
    Line line = greedy();
    std::optional<RecalibrationPlan> best;
    for (uint64_t n = 0; n <= mostRewrites; ++n) {
      if (best && double(n) * costs.program_pj >= best->energy_pj)
        break;
      double period = horizon_s / double(n + 1);
      if (period > line.until_s)
        continue;
      auto end = std::lower_bound(line.gains.begin(), line.gains.end(), period);
      double energy =
          double(n) * costs.program_pj +
          double(n + 1) * double(end - line.gains.begin()) * costs.gain_pj;
      if (best && energy >= best->energy_pj)
        continue;
      best.emplace();
      best->energy_pj = energy;
      best->worst = line.worst;
      for (uint64_t k = 0; k <= n; ++k) {
        if (k > 0)
          best->programAt_s.push_back(double(k) * period);
        for (auto gain = line.gains.begin(); gain != end; ++gain)
          best->gainAt_s.push_back(double(k) * period + *gain);
      }
    }
    return best;
  }

private:
  /// What follows one writing: the latest, and so fewest, gains that hold the
  /// bound. A shorter period has the same, up to its end.
  struct Line {
    std::vector<double> gains;
    double until_s = 0; ///< from then on no gain holds the bound
    double worst = 0;
  };

  double error(double age, double gainAge) const {
    double most = 0;
    for (const DriftCurve &curve : curves)
      most = std::max(most, curve.error(age, gainAge));
    return most;
  }

  Line greedy() const {
    Line line;
    double step = std::pow(10.0, 1.0 / kTimesADecade), gain = 0;
    // Below one second nothing is known of devices.
    for (double t = 1; line.until_s < horizon_s; t *= step) {
      double now = std::min(t, horizon_s), found = error(now, gain);
      if (found > bound) {
        if (line.until_s <= gain)
          return line;
        found = error(now, line.until_s);
        if (found > bound)
          return line;
        gain = line.until_s;
        line.gains.push_back(gain);
      }
      line.worst = std::max(line.worst, found);
      line.until_s = now;
    }
    return line;
  }
};

} // namespace

double DriftCurve::error(double age, double gainAge) const {
  double slopeNow = at(*this, slope, age) / slope.front();
  double gain = gainAge > 0 ? reading.front() / at(*this, reading, gainAge) : 1;
  double mean = slopeNow * gain - 1;
  double now = at(*this, spread, age), fresh = spread.front();
  return std::sqrt(mean * mean + std::max(0.0, now * now - fresh * fresh));
}

Result<DriftCurve> driftOf(const chip::ArrayKind &kind, double until_s) {
  ArrayConfig config;
  config.device = kind.device;
  for (const auto &[name, value] : kind.device_params)
    config.deviceParams[name] = value;
  config.rows = config.cols = kSide;
  config.mapping = kind.mapping == "offset" ? WeightMapping::Offset
                                            : WeightMapping::Differential;
  config.slices = kind.slices;
  config.cellBits = kind.cell_bits;
  Result<AnalogArray> array = AnalogArray::create(std::move(config));
  if (!array)
    return array.error();
  std::vector<float> wanted(kSide * kSide), held(kSide * kSide);
  gaussians({0, 1}, 0, wanted.data(), wanted.size());
  for (float &w : wanted)
    w = std::clamp(w / 3, -1.0f, 1.0f);
  float scale = 1;
  ProgramOptions options;
  options.scale = {&scale, 1};
  if (Status s = array->program(wanted.data(), kSide, kSide, kSide, options);
      !s)
    return s.error();
  DriftCurve curve;
  curve.age_s.push_back(0);
  double step = std::pow(10.0, 1.0 / kAgesADecade);
  for (double age = 1; curve.age_s.back() < until_s; age *= step)
    curve.age_s.push_back(age);
  double own = 0;
  for (float w : wanted)
    own += double(w) * w;
  for (size_t i = 0; i < curve.age_s.size(); ++i) {
    array->age(curve.age_s[i], /*epoch=*/i, Compensation::None);
    array->readWeights(held.data());
    double both = 0, sum = 0, error = 0;
    for (size_t j = 0; j < held.size(); ++j) {
      both += double(held[j]) * wanted[j];
      sum += std::fabs(double(held[j]));
    }
    double slope = std::max(both / own, 1e-6);
    for (size_t j = 0; j < held.size(); ++j)
      error += std::pow(held[j] / slope - wanted[j], 2);
    curve.slope.push_back(slope);
    curve.reading.push_back(std::max(sum / double(held.size()), 1e-6));
    curve.spread.push_back(std::sqrt(error / own));
  }
  return curve;
}

Result<RecalibrationPlan> planRecalibration(const chip::Chip &chip,
                                            double horizon_s, double bound) {
  Planner planner;
  planner.horizon_s = horizon_s;
  planner.bound = bound;
  for (const chip::ArrayKind &kind : chip.arrays) {
    if (kind.purpose != "inference")
      continue;
    Result<DriftCurve> curve = driftOf(kind, horizon_s);
    if (!curve)
      return curve.error();
    planner.curves.push_back(std::move(*curve));
    Costs costs = costsOf(chip, kind);
    planner.costs.gain_pj += costs.gain_pj;
    planner.costs.program_pj += costs.program_pj;
    if (kind.endurance_writes > 0) {
      // The quantile of one in a thousand lies 3.09 deviations below the
      // median.
      double writes = kind.endurance_writes *
                      std::exp(-3.09 * kind.endurance_spread) /
                      kind.write_pulses;
      planner.mostRewrites =
          std::min(planner.mostRewrites, uint64_t(std::max(0.0, writes - 1)));
    }
  }
  if (planner.curves.empty())
    return RecalibrationPlan();
  if (auto plan = planner.run())
    return *plan;
  double least = bound;
  do
    planner.bound = least *= 1.1;
  while (least < 2 && !planner.run());
  // Printed with three digits, rounded up.
  least = std::ceil(least * 1000) / 1000;
  return unsupported(fmt::format(
      "no schedule of at most {} rewrites keeps drift on '{}' within {:.3g} % "
      "for {:.4g} days; --drift-bound {:.3g} would, or a shorter --horizon",
      planner.mostRewrites, chip.name, 100 * bound, horizon_s / 86400,
      100 * least));
}

} // namespace hybridc::exec
