//===- Characterize.cpp - Statistics of cells and pairs -------------------===//

#include "hybridc/Studies/Characterize.h"
#include "hybridc/Support/Units.h"

#include "Statistics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace hybridc::exec {

using namespace detail;

std::vector<double> defaultLevels() {
  return {0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1};
}

/// Cells drawn at a time.
static constexpr size_t chunk = 16384;

static Status check(const DeviceStudy &study) {
  for (double level : study.levels)
    if (!(level >= 0 && level <= 1))
      return invalidInput("level " + shortest(level) +
                          " is outside 0 .. 1, "
                          "fractions of the largest conductance");
  for (double age : study.ages)
    if (!(age >= 0 && age <= 1e12))
      return invalidInput("age " + shortest(age) +
                          " s is negative or beyond 1e12 s");
  if (study.rows == 0 || study.cols == 0 || study.rows > 65536 ||
      study.cols > 65536 || uint64_t(study.rows) * study.cols > 1u << 28)
    return invalidInput("an array of a drift study has 1 .. 65536 rows and "
                        "columns and at most 2^28 weights");
  if (study.weights == Distribution::Relu)
    return invalidInput("weights have both signs: gauss, uniform or sparse");
  if (study.samples < 2 || study.samples > 1000000000)
    return invalidInput("samples must be 2 .. 1e9");
  return {};
}

namespace {
/// The streams of one kind of cell in a study.
struct Streams {
  Key program, drift, read;
  Streams(uint64_t seed, uint64_t level, uint64_t kind) {
    Key base = subKey(subKey({seed, 0}, level), kind);
    program = subKey(base, 1);
    drift = subKey(base, 2);
    read = subKey(base, 3);
  }
};
} // namespace

/// The device of a study that makes sense.
static Result<std::unique_ptr<InferenceDevice>>
deviceOf(const DeviceStudy &study) {
  if (Status s = check(study); !s)
    return s.error();
  return makeInferenceDevice(study.device, study.params);
}

/// "aged" g of cells `first …` programmed to `target`; a negative age is right
/// after programming.
static void drawCells(const InferenceDevice &device, float target, double age,
                      const Streams &streams, uint64_t first, size_t n,
                      std::vector<float> &g) {
  std::vector<float> goal(n, target), fresh(n);
  g.resize(n);
  device.program(goal.data(), fresh.data(), n, streams.program, first);
  if (age < 0)
    g = fresh;
  else
    device.age(goal.data(), fresh.data(), g.data(), n, age, streams.drift,
               streams.read, first);
}

static float conductanceOf(const InferenceDevice &device, double level) {
  return float(device.gMin() + level * (device.gMax() - device.gMin()));
}

/// model, t_s, g_rel, mean, std; age < 0 is right after programming.
static void addCellRows(const InferenceDevice &device, const DeviceStudy &study,
                        double age, StatTable &table) {
  bool absolute = device.gMin() != 0;
  double unit = absolute ? 1.0 : device.gMax();
  std::string model = device.name();
  if (absolute)
    model += age < 0 ? "_prog_uS" : "_uS";
  for (size_t i = 0; i < study.levels.size(); ++i) {
    Streams streams(study.seed, i, 0);
    Moments m;
    std::vector<float> g;
    for (size_t at = 0; at < study.samples; at += chunk) {
      size_t n = std::min(chunk, study.samples - at);
      drawCells(device, conductanceOf(device, study.levels[i]), age, streams,
                at, n, g);
      for (float v : g)
        m.add(v / unit);
    }
    table.rows.push_back(
        {model, std::max(age, 0.0), study.levels[i], m.mean(), m.deviation()});
  }
}

Result<StatTable> characterizeProgram(const DeviceStudy &study) {
  auto made = deviceOf(study);
  if (!made)
    return made.error();
  const InferenceDevice &device = **made;
  StatTable table;
  if (!device.hasDriftExponent() || study.cells == DeviceStudy::Cells::Single) {
    table.columns = {"model", "t_s", "g_rel", "mean", "std"};
    addCellRows(device, study, -1, table);
    return table;
  }
  table.columns = {"g_over_gmax",   "g_target_uS", "g_prog_mean_uS",
                   "g_prog_std_uS", "nu_mean",     "nu_std"};
  for (size_t i = 0; i < study.levels.size(); ++i) {
    Streams streams(study.seed, i, 0);
    float target = conductanceOf(device, study.levels[i]);
    Moments programmed, exponent;
    std::vector<float> g, nu(chunk), goal(chunk, target);
    for (size_t at = 0; at < study.samples; at += chunk) {
      size_t n = std::min(chunk, study.samples - at);
      drawCells(device, target, -1, streams, at, n, g);
      device.driftExponents(goal.data(), nu.data(), n, streams.drift, at);
      for (size_t j = 0; j < n; ++j) {
        programmed.add(g[j]);
        exponent.add(nu[j]);
      }
    }
    table.rows.push_back({study.levels[i], double(target), programmed.mean(),
                          programmed.deviation(), exponent.mean(),
                          exponent.deviation()});
  }
  return table;
}

/// 20 s, 1 h, 1 d … as people write them.
static std::string nameOfAge(double seconds) {
  const struct {
    double unit;
    const char *name;
  } units[] = {{31536000, "y"}, {86400, "d"}, {3600, "h"}, {60, "min"}};
  for (const auto &u : units)
    if (seconds >= u.unit && std::fmod(seconds, u.unit) == 0)
      return shortest(seconds / u.unit) + u.name;
  return shortest(seconds) + "s";
}

namespace {
/// An array of many weights: what drift compensation sees.
struct Population {
  AnalogArray array;
  std::vector<float> weights, now;

  static Result<Population> create(const DeviceStudy &study) {
    ArrayConfig config;
    config.device = study.device;
    config.deviceParams = study.params;
    config.rows = study.rows;
    config.cols = study.cols;
    // Converters would add an error of their own to that of the cells.
    config.periphery = ArrayPeriphery{};
    config.periphery.inRes = config.periphery.outRes = 0;
    config.periphery.outBound = config.periphery.outNoise = 0;
    auto array = AnalogArray::create(config);
    if (!array)
      return array.error();
    size_t n = size_t(study.rows) * study.cols;
    Population p{std::move(*array),
                 populationWeights(n, study.seed, study.weights),
                 std::vector<float>(n)};
    const float one = 1;
    ProgramOptions options;
    options.seed = study.seed;
    options.scale = {&one, 1};
    if (Status s = p.array.program(p.weights.data(), study.cols, study.rows,
                                   study.cols, options);
        !s)
      return s.error();
    return p;
  }
};
} // namespace

Result<StatTable> characterizeDrift(const DeviceStudy &study) {
  auto made = deviceOf(study);
  if (!made)
    return made.error();
  const InferenceDevice &device = **made;
  StatTable table;
  bool pairs =
      study.cells == DeviceStudy::Cells::Pair ||
      (study.cells == DeviceStudy::Cells::Default && device.hasDriftExponent());
  if (!pairs) {
    table.columns = {"model", "t_s", "g_rel", "mean", "std"};
    for (double age : study.ages)
      addCellRows(device, study, age, table);
    return table;
  }
  table.columns = {"t_name",     "t_inference_s", "w_over_wmax", "mean",
                   "std",        "gdc_alpha",     "mean_gdc",    "std_gdc",
                   "pop_rel_l2", "pop_rel_l2_gdc"};
  auto population = Population::create(study);
  if (!population)
    return population.error();
  std::vector<double> ages = {-1}; // right after programming
  ages.insert(ages.end(), study.ages.begin(), study.ages.end());
  double range = device.gMax() - device.gMin();
  for (double age : ages) {
    bool fresh = age < 0;
    double alpha = 1;
    std::span<const float> factors;
    if (fresh) {
      population->array.readProgrammedWeights(population->now.data());
    } else {
      population->array.age(age, 0, study.compensation);
      factors = population->array.compensationFactors();
      if (!factors.empty())
        alpha = std::accumulate(factors.begin(), factors.end(), 0.0) /
                double(factors.size());
      population->array.readWeights(population->now.data());
    }
    double error =
        relativeError(population->now, population->weights, {}, study.cols);
    double corrected = relativeError(population->now, population->weights,
                                     factors, study.cols);
    for (size_t i = 0; i < study.levels.size(); ++i) {
      Streams plus(study.seed, i, 0), minus(study.seed, i, 1);
      Moments m;
      std::vector<float> up, down;
      for (size_t at = 0; at < study.samples; at += chunk) {
        size_t n = std::min(chunk, study.samples - at);
        drawCells(device, conductanceOf(device, study.levels[i]), age, plus, at,
                  n, up);
        drawCells(device, conductanceOf(device, 0), age, minus, at, n, down);
        for (size_t j = 0; j < n; ++j)
          m.add((double(up[j]) - down[j]) / range);
      }
      table.rows.push_back({fresh ? std::string("prog_only") : nameOfAge(age),
                            fresh ? StatCell() : StatCell(age), study.levels[i],
                            m.mean(), m.deviation(), alpha, m.mean() * alpha,
                            m.deviation() * alpha, error, corrected});
    }
  }
  return table;
}

} // namespace hybridc::exec
