//===- Operate.cpp - Holding a temperature with least loss ----------------===//

#include "hybridc/Thermal/Operate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace hybridc::exec {

/// Duties are found to this part, and none below the least is tried.
static constexpr double kDutyStep = 1e-7, kLeastDuty = 1e-6;
/// What a run may be shorter by with an engine slowed down.
static constexpr double kShorter = 0.99;

DvfsTable DvfsTable::of(const chip::Chip &chip) {
  DvfsTable table;
  for (const chip::DvfsPoint &point : chip.dvfs) {
    auto at =
        std::find(table.engines.begin(), table.engines.end(), point.engine);
    size_t index = size_t(at - table.engines.begin());
    if (at == table.engines.end()) {
      table.engines.push_back(point.engine);
      table.points.emplace_back();
    }
    table.points[index].push_back(point);
  }
  for (auto &points : table.points)
    std::sort(points.begin(), points.end(), [](const auto &a, const auto &b) {
      return a.frequency_ghz > b.frequency_ghz;
    });
  return table;
}

double Sustained::peak() const {
  return *std::max_element(peak_k.begin(), peak_k.end());
}

Operation::Operation(const Die &die, const chip::Chip &chip, ClockAt clock)
    : die(die), chip(chip), clock(std::move(clock)), dvfs(DvfsTable::of(chip)) {
}

std::vector<size_t> Operation::nominal() const {
  return std::vector<size_t>(dvfs.engines.size(), 0);
}

Result<const Pace *> Operation::pace(const std::vector<size_t> &levels) {
  if (auto it = paces.find(levels); it != paces.end())
    return &it->second;
  Pace pace;
  pace.levels = levels;
  std::map<std::string, double> slowdown, volts;
  for (size_t e = 0; e < levels.size(); ++e) {
    const auto &points = dvfs.points[e];
    slowdown[dvfs.engines[e]] =
        points[0].frequency_ghz / points[levels[e]].frequency_ghz;
    volts[dvfs.engines[e]] = points[levels[e]].voltage_v / points[0].voltage_v;
  }
  auto trace = clock(slowdown);
  if (!trace)
    return trace.error();
  pace.trace = std::move(*trace);
  pace.run_s = double(pace.trace.cycles) / (chip.clock_ghz * 1e9);
  std::vector<double> totals;
  for (size_t u = 0; u < pace.trace.units.size(); ++u) {
    const std::string &unit = pace.trace.units[u];
    auto it = volts.find(unit.starts_with("dma") ? "dma" : unit);
    if (it != volts.end())
      for (double &pj : pace.trace.energy_pj[u])
        pj *= it->second * it->second;
    totals.push_back(pace.trace.total_pj(u) * 1e-12);
  }
  pace.energy_j = std::accumulate(totals.begin(), totals.end(), 0.0);
  pace.heat_j = die.heatOf(pace.trace.units, totals);
  double cycle_s = 1e-9 / chip.clock_ghz;
  for (size_t bin = 0; bin < pace.trace.numBins(); ++bin) {
    double length = double(pace.trace.cyclesOf(bin)) * cycle_s;
    if (!(length > 0))
      continue;
    for (size_t u = 0; u < totals.size(); ++u)
      totals[u] = pace.trace.energy_pj[u][bin] * 1e-12 / length;
    pace.binWatts.push_back(die.heatOf(pace.trace.units, totals));
    pace.binSeconds.push_back(length);
  }
  for (const std::string &engine : die.engines) {
    auto it = volts.find(engine);
    pace.leakageScale.push_back(
        it == volts.end() ? 1 : std::pow(it->second, kLeakageVoltageExponent));
  }
  return &paces.emplace(levels, std::move(pace)).first->second;
}

Sustained Operation::sustain(const Pace &pace, double duty) const {
  Sustained state;
  state.duty = duty;
  state.run_s = pace.run_s;
  size_t n = die.numBlocks();
  std::vector<double> mean_w(n);
  for (size_t i = 0; i < n && pace.run_s > 0; ++i)
    mean_w[i] = pace.heat_j[i] / pace.run_s * duty;
  Die::Steady steady = die.steady(mean_w, pace.leakageScale);
  state.mean_k = steady.kelvin;
  state.leakage_w = steady.leakage_w;
  state.runaway = steady.runaway;
  state.ripple_k.assign(n, 0);
  if (duty > 0 && pace.run_s > 0) {
    std::vector<std::vector<double>> watts;
    std::vector<double> seconds;
    sequence(pace, duty, watts, seconds);
    std::vector<double> flat = die.model().steady(mean_w);
    for (const auto &kelvin : die.model().periodic(watts, seconds))
      for (size_t i = 0; i < n; ++i)
        state.ripple_k[i] = std::max(state.ripple_k[i], kelvin[i] - flat[i]);
  }
  for (size_t i = 0; i < n; ++i)
    state.peak_k.push_back(state.mean_k[i] + state.ripple_k[i]);
  return state;
}

void Operation::sequence(const Pace &pace, double duty,
                         std::vector<std::vector<double>> &watts,
                         std::vector<double> &seconds) const {
  watts = pace.binWatts;
  seconds = pace.binSeconds;
  if (duty < 1) {
    watts.emplace_back(die.numBlocks());
    seconds.push_back(pace.run_s / duty - pace.run_s);
  }
}

void Operation::within(const Pace &pace, const Sustained &state,
                       std::vector<double> &seconds,
                       std::vector<std::vector<double>> &kelvin) const {
  seconds.clear();
  kelvin.clear();
  if (!(state.duty > 0) || !(pace.run_s > 0))
    return;
  std::vector<std::vector<double>> watts;
  sequence(pace, state.duty, watts, seconds);
  for (auto &row : watts)
    for (size_t i = 0; i < row.size(); ++i)
      row[i] += state.leakage_w[i];
  kelvin = die.model().periodic(watts, seconds);
  for (size_t k = 1; k < seconds.size(); ++k)
    seconds[k] += seconds[k - 1];
}

double Operation::dutyOfMeans(const Pace &pace, double limit_k) const {
  auto holds = [&](double duty) {
    std::vector<double> watts(pace.heat_j);
    for (double &w : watts)
      w *= duty / pace.run_s;
    Die::Steady steady = die.steady(watts, pace.leakageScale);
    return !steady.runaway && *std::max_element(steady.kelvin.begin(),
                                                steady.kelvin.end()) <= limit_k;
  };
  if (holds(1))
    return 1;
  double low = 0, above = 1;
  while (above - low > kDutyStep * above && above > kLeastDuty) {
    double middle = (low + above) / 2;
    (holds(middle) ? low : above) = middle;
  }
  return above;
}

Sustained Operation::sustainBelow(const Pace &pace, double limit_k) const {
  auto holds = [&](const Sustained &state) {
    return !state.runaway && state.peak() <= limit_k;
  };
  // What a run adds to the means can only lower the duty.
  double above = dutyOfMeans(pace, limit_k);
  Sustained whole = sustain(pace, above);
  if (holds(whole))
    return whole;
  Sustained low = sustain(pace, 0);
  if (!holds(low))
    return low;
  while (above - low.duty > kDutyStep * above && above > kLeastDuty) {
    Sustained middle = sustain(pace, (low.duty + above) / 2);
    if (holds(middle))
      low = std::move(middle);
    else
      above = middle.duty;
  }
  return low;
}

Result<Operation::Choice> Operation::best(const Choice &choice,
                                          double limit_k) const {
  if (choice.pace)
    return choice;
  return unsupported(fmt::format(
      "leakage alone heats '{}' beyond its limit of {:.1f} C at {:.1f} C "
      "around it; it needs a better package, cooler air (--ambient) or a "
      "higher limit",
      chip.name, limit_k - 273.15, die.package.ambient_k - 273.15));
}

Result<Operation::Choice> Operation::hold(ThermalPolicy policy,
                                          double limit_k) {
  auto top = pace(nominal());
  if (!top)
    return top.error();
  if (policy == ThermalPolicy::None)
    return Choice{*top, sustain(**top, 1)};
  Choice found;
  auto consider = [&](const Pace &pace) {
    Sustained state = sustainBelow(pace, limit_k);
    if (state.duty > 0 &&
        (!found.pace || state.period_s() < found.state.period_s()))
      found = {&pace, std::move(state)};
  };
  if (policy == ThermalPolicy::Throttle) {
    consider(**top);
    return best(found, limit_k);
  }
  // An engine that does nothing may as well be slow.
  std::vector<size_t> first = nominal();
  std::vector<char> works(first.size());
  for (size_t u = 0; u < (*top)->trace.units.size(); ++u)
    for (size_t e = 0; e < first.size(); ++e)
      works[e] |= ((*top)->trace.units[u] == dvfs.engines[e] ||
                   (dvfs.engines[e] == "dma" &&
                    (*top)->trace.units[u].starts_with("dma"))) &&
                  (*top)->trace.total_pj(u) > 0;
  for (size_t e = 0; e < first.size(); ++e)
    if (!works[e])
      first[e] = dvfs.points[e].size() - 1;
  // Slower engines hardly ever make a run shorter (commands that share DRAM
  // otherwise may save some cycles): a level's time is about that of the levels
  // above it at least. The queue holds such bounds until they are due.
  struct Due {
    double run_s;
    bool isClocked;
    std::vector<size_t> levels;
    bool operator<(const Due &other) const {
      return std::tie(run_s, isClocked, levels) <
             std::tie(other.run_s, other.isClocked, other.levels);
    }
  };
  std::set<Due> queue{{0, false, first}};
  std::set<std::vector<size_t>> seen{first};
  while (!queue.empty()) {
    Due due = *queue.begin();
    queue.erase(queue.begin());
    if (found.pace && due.run_s >= found.state.period_s())
      break;
    auto here = pace(due.levels);
    if (!here)
      return here.error();
    if (!due.isClocked) {
      queue.insert({(*here)->run_s, true, due.levels});
      continue;
    }
    consider(**here);
    for (size_t e = 0; e < due.levels.size(); ++e) {
      if (due.levels[e] + 1 >= dvfs.points[e].size())
        continue;
      std::vector<size_t> next = due.levels;
      ++next[e];
      if (seen.insert(next).second)
        queue.insert({due.run_s * kShorter, false, std::move(next)});
    }
  }
  return best(found, limit_k);
}

Result<Operation::Choice> Operation::holdExhaustively(double limit_k) {
  Choice found;
  std::vector<size_t> levels = nominal();
  while (true) {
    auto here = pace(levels);
    if (!here)
      return here.error();
    Sustained state = sustainBelow(**here, limit_k);
    if (state.duty > 0 &&
        (!found.pace || state.period_s() < found.state.period_s()))
      found = {*here, std::move(state)};
    size_t e = 0;
    while (e < levels.size() && ++levels[e] == dvfs.points[e].size())
      levels[e++] = 0;
    if (e == levels.size())
      break;
  }
  return best(found, limit_k);
}

std::vector<const Pace *> Operation::known() const {
  std::vector<const Pace *> all;
  for (const auto &[levels, pace] : paces)
    all.push_back(&pace);
  std::stable_sort(all.begin(), all.end(), [](const Pace *a, const Pace *b) {
    return a->run_s < b->run_s;
  });
  return all;
}

} // namespace hybridc::exec
