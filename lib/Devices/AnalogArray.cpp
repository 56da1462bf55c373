//===- AnalogArray.cpp - Set-up, programming, ageing ----------------------===//

#include "hybridc/Devices/AnalogArray.h"

#include "ArrayImpl.h"
#include "ArrayKernels.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

using namespace detail;

AnalogArray::AnalogArray(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
AnalogArray::AnalogArray(AnalogArray &&) noexcept = default;
AnalogArray &AnalogArray::operator=(AnalogArray &&) noexcept = default;
AnalogArray::~AnalogArray() = default;

/// Refuses what has no meaning, naming the field.
static Status checkPeriphery(const ArrayPeriphery &p) {
  const struct {
    const char *name;
    double value, high;
  } fields[] = {
      {"in_res", p.inRes, 1},
      {"in_bound", p.inBound, 1e6},
      {"in_noise", p.inNoise, 1e6},
      {"out_res", p.outRes, 1},
      {"out_bound", p.outBound, 1e6},
      {"out_noise", p.outNoise, 1e6},
      {"w_noise", p.wNoise, 1e6},
      {"ir_drop", p.irDrop, 1e6},
      {"input_scale", p.inputScale, 1e30},
      {"worst_case_weight", p.worstCaseWeight, 1e6},
      {"out_nonlinearity", p.outNonlinearity, 1e6},
      {"out_nonlinearity_std", p.outNonlinearityStd, 1e3},
      {"slope_calibration", p.slopeCalibration, 1e3},
      {"r_series", p.rSeries, 1e6},
      {"v_offset", p.vOffset, 1e3},
      {"ir_drop_g_ratio", p.irDropGRatio, 1e30},
      {"in_asymmetry", p.inAsymmetry, 1},
      {"out_asymmetry", p.outAsymmetry, 1},
      {"out_noise_std", p.outNoiseStd, 1e3},
      {"out_scale", p.outScale, 1e6},
      {"read_asymmetry", p.readAsymmetry, 1e3},
      {"input_scale_limit", p.inputScaleLimit, 1e30},
      {"bound_max_factor", p.boundMaxFactor, 1e9},
      {"bound_max_step", p.boundMaxStep, 1},
  };
  for (const auto &f : fields)
    if (!(f.value >= 0 && f.value <= f.high))
      return invalidInput("array periphery: " + std::string(f.name) + " = " +
                          std::to_string(f.value) + " is outside 0 .. " +
                          std::to_string(f.high));
  auto stepless = [](const char *side) {
    return invalidInput("array periphery: " + std::string(side) +
                        "_res > 0 needs " + side +
                        "_bound > 0, since the "
                        "resolution is a fraction of the bounded range");
  };
  if (p.inRes > 0 && !(p.inBound > 0))
    return stepless("in");
  if (p.outRes > 0 && !(p.outBound > 0))
    return stepless("out");
  if (p.noiseManagement == NoiseManagement::Constant && !(p.inputScale > 0))
    return invalidInput("array periphery: constant noise management needs "
                        "input_scale > 0");
  if (!(std::fabs(p.vOffsetWMin) <= 1e3))
    return invalidInput("array periphery: v_offset_w_min is outside -1000 .. "
                        "1000");
  if (p.irDrop > 0 && !(p.irDropGRatio > 0))
    return invalidInput("array periphery: ir_drop needs ir_drop_g_ratio > 0");
  // Rounding is exact for fewer than 2^21 steps.
  if ((p.inRes > 0 && p.inRes < 0x1p-21) ||
      (p.outRes > 0 && p.outRes < 0x1p-21))
    return invalidInput("array periphery: a resolution below 2^-21 cannot be "
                        "modelled in single precision; use 0 (continuous)");
  if (p.inputBitsPerPhase > 0 && !(p.inRes > 0))
    return invalidInput("array periphery: inputs can go bit by bit only if "
                        "in_res > 0");
  return {};
}

Status AnalogArray::Impl::derive() {
  if (Status s = checkPeriphery(config.periphery); !s)
    return s;
  if (config.rows == 0 || config.cols == 0 || config.rows > 65536 ||
      config.cols > 65536)
    return invalidInput("array: rows and cols must be 1 .. 65536");
  unsigned bits = config.cellBits, slices = config.slices;
  bool pair = config.mapping == WeightMapping::Differential;
  if (slices == 0 || slices > 16 || bits > 16 || bits * slices > 20)
    return invalidInput("array: " + std::to_string(slices) + " slices of " +
                        std::to_string(bits) +
                        " bits; there must be 1 .. 16 slices and at most 20 "
                        "bits per weight");
  if (bits == 0 && slices != 1)
    return invalidInput("array: several slices need cell_bits > 0");
  if (!pair && bits != 0 && bits * slices < 2)
    return invalidInput("array: an offset mapping needs at least 2 bits per "
                        "weight, one for the sign");
  if (config.compensationReads == 0 || config.compensationReads > 4096)
    return invalidInput("array: compensation reads must be 1 .. 4096");

  if (bits == 0) {
    // An offset cell swings half as far as a pair for the same weight.
    slicePlace = {1.0f};
    unitWeight = pair ? 1 : 2;
    cellUnit = 1;
  } else {
    cellUnit = 1.0 / (std::ldexp(1.0, int(bits)) - 1);
    unitWeight = pair ? 1.0 / (std::ldexp(1.0, int(bits * slices)) - 1)
                      : 1.0 / (std::ldexp(1.0, int(bits * slices) - 1) - 1);
    slicePlace.clear();
    for (unsigned s = 0; s < slices; ++s)
      slicePlace.push_back(
          float(std::ldexp(1.0, int(bits * (slices - 1 - s)))));
  }

  const ArrayPeriphery &p = config.periphery;
  inputStep = 2 * p.inBound * p.inRes;
  outputStep = 2 * p.outBound * p.outRes;
  phases = 1;
  if (p.inputBitsPerPhase > 0) {
    double levels = std::ceil(p.inBound / inputStep - 1e-6);
    unsigned inputBits = unsigned(std::ceil(std::log2(levels + 1) - 1e-9));
    phases = (inputBits + p.inputBitsPerPhase - 1) / p.inputBitsPerPhase;
    if (phases > 1)
      digitBase = std::ldexp(1.0, int(p.inputBitsPerPhase));
  }
  return {};
}

Result<AnalogArray> AnalogArray::create(ArrayConfig config) {
  auto impl = std::make_unique<Impl>();
  auto device = makeInferenceDevice(config.device, config.deviceParams);
  if (!device)
    return device.error();
  impl->device = std::move(*device);
  impl->config = std::move(config);
  if (Status s = impl->derive(); !s)
    return s.error();
  return AnalogArray(std::move(impl));
}

Status AnalogArray::program(const float *w, size_t ldw, size_t k, size_t n,
                            const ProgramOptions &options) {
  Impl &a = *impl;
  if (k == 0 || n == 0 || k > a.config.rows || n > a.config.cols)
    return doesNotFit("weights of " + std::to_string(k) + " x " +
                      std::to_string(n) + " do not fit an array of " +
                      std::to_string(a.config.rows) + " x " +
                      std::to_string(a.config.cols));
  if (options.scale.size() > 1 && options.scale.size() != n)
    return invalidInput("array: " + std::to_string(options.scale.size()) +
                        " weight scales for " + std::to_string(n) + " columns");
  std::vector<float> target(k * n);
  float largest = 0;
  for (size_t i = 0; i < k; ++i)
    for (size_t j = 0; j < n; ++j) {
      float v = w[i * ldw + j];
      if (!std::isfinite(v))
        return invalidInput("array: weight (" + std::to_string(i) + ", " +
                            std::to_string(j) + ") is not a finite number");
      target[i * n + j] = v;
      largest = std::max(largest, std::fabs(v));
    }
  std::vector<float> scale(n, largest);
  if (options.scale.size() == 1)
    scale.assign(n, options.scale[0]);
  else if (options.scale.size() > 1)
    scale.assign(options.scale.begin(), options.scale.end());
  for (float s : scale)
    if (!(s >= 0) || !std::isfinite(s))
      return invalidInput("array: weight scales must be finite and not "
                          "negative");

  a.rows = k;
  a.cols = n;
  a.target = std::move(target);
  a.scale = std::move(scale);
  a.key = subKey({options.seed, 0}, options.arrayId);
  a.baseline.clear();
  a.readings.clear();
  a.wirePosition.resize(k);
  for (size_t i = 0; i < k; ++i) {
    const std::vector<uint32_t> &wire = a.config.defects.wireRows;
    double at = i < wire.size() ? wire[i] : double(i);
    double length = wire.empty() ? double(k) : double(a.config.rows);
    double rest = std::max(0.0, 1 - at / length);
    a.wirePosition[i] = float(1 - rest * rest);
  }
  a.drawColumns();
  compute(ArrayMode::Quantised);
  return {};
}

/// What fixes a column's circuit for life: it belongs to the key.
void AnalogArray::Impl::drawColumns() {
  const ArrayPeriphery &p = config.periphery;
  curvature.assign(cols, 0.0f);
  offset.assign(cols, 0.0f);
  noiseOf.clear();
  slopeGain = 1;
  std::vector<float> z(cols);
  auto draw = [&](uint64_t which) {
    gaussians(keyFor(key, Purpose::Column, which), 0, z.data(), cols);
  };
  if (p.outNoiseStd != 0) {
    draw(2);
    for (float n : z)
      noiseOf.push_back(float(std::fabs(p.outNoise * (1 + p.outNoiseStd * n))));
  }
  if (!p.bends())
    return;
  double bound = p.outBound > 0 ? p.outBound : 1.0, sum = 0;
  draw(0);
  for (size_t n = 0; n < cols; ++n) {
    double factor = 1 + p.outNonlinearityStd * z[n];
    curvature[n] = float(std::fabs(p.outNonlinearity / bound * factor));
    sum += double(curvature[n]);
  }
  draw(1);
  for (size_t n = 0; n < cols; ++n)
    offset[n] = float(p.vOffset * z[n]);
  // aihwkit's draw leaves every other column or so without an offset.
  draw(3);
  for (size_t n = 0; n < cols; ++n)
    if (z[n] <= 0)
      offset[n] = 0;
  double root =
      1 + (sum / double(cols) + p.rSeries) * p.slopeCalibration * bound;
  if (p.isCurved())
    slopeGain = float(root * root);
}

void AnalogArray::Impl::setColumnFactors() {
  columnFactor.resize(cols);
  for (size_t n = 0; n < cols; ++n) {
    double c = compensation.empty()       ? 1.0
               : compensation.size() == 1 ? compensation[0]
                                          : compensation[n];
    columnFactor[n] = float(unitWeight * scale[n] * c) * signOf(n);
  }
}

void AnalogArray::compute(ArrayMode mode) {
  Impl &a = *impl;
  if (mode == ArrayMode::Noisy)
    return age(0, 0, Compensation::None);
  a.mode = mode;
  a.compensation.clear();
  if (mode == ArrayMode::Quantised) {
    a.realiseAll(CellState::Ideal, 0, 0);
    a.setColumnFactors();
    return;
  }
  a.cells.resize(1);
  a.cells[0].reset(a.rows, a.cols);
  for (size_t k = 0; k < a.rows; ++k)
    a.cells[0].setRow(k, a.target.data() + k * a.cols, a.cols);
  a.magnitudes.clear();
  a.columnFactor.assign(a.cols, 1.0f);
}

std::vector<double>
AnalogArray::Impl::readOneHot(Purpose purpose, uint64_t epoch, unsigned reads) {
  // Read in units of the weight's full scale, one value per cell.
  columnFactor.assign(cols, float(unitWeight));
  constexpr size_t block = 32;
  std::vector<float> x(block * rows), y(block * cols);
  std::vector<double> sum(cols, 0.0);
  MvmScratch scratch;
  for (size_t k = 0; k < rows; k += block) {
    size_t count = std::min(block, rows - k);
    std::fill(x.begin(), x.end(), 0.0f);
    for (size_t i = 0; i < count; ++i)
      x[i * rows + k + i] = 1.0f;
    for (unsigned r = 0; r < reads; ++r) {
      MvmOptions options;
      options.firstRow = k;
      options.inputRange = 1;
      options.accumulate = r != 0;
      product(x.data(), rows, y.data(), cols, count, options,
              subKey(keyFor(key, purpose, r), epoch), scratch, true);
    }
    for (size_t i = 0; i < count; ++i)
      for (size_t n = 0; n < cols; ++n)
        sum[n] += std::fabs(double(y[i * cols + n])) / reads;
  }
  for (double &v : sum)
    v /= double(rows);
  return sum;
}

void AnalogArray::age(double seconds, uint64_t epoch, Compensation kind) {
  Impl &a = *impl;
  a.mode = ArrayMode::Noisy;
  if (kind == Compensation::Keep) {
    a.realiseAll(CellState::Aged, std::max(seconds, 0.0), epoch);
    a.setColumnFactors();
    return;
  }
  a.compensation.clear();
  std::vector<double> fresh, now;
  if (kind != Compensation::None) {
    if (a.baseline.empty()) {
      a.realiseAll(CellState::Programmed, 0, 0);
      a.baseline = a.readOneHot(Purpose::Baseline, 0);
    }
    fresh = a.baseline;
  }
  a.realiseAll(CellState::Aged, std::max(seconds, 0.0), epoch);
  if (kind != Compensation::None) {
    now = a.readOneHot(Purpose::Compensate, epoch);
    a.compensate(std::move(fresh), std::move(now),
                 kind == Compensation::Column);
  }
  a.setColumnFactors();
}

void AnalogArray::addAbsMax(const float *x, size_t ldx, size_t k, size_t batch,
                            double &sum) {
  for (size_t b = 0; b < batch; ++b)
    sum += largestMagnitude(x + b * ldx, k);
}

ArrayMode AnalogArray::mode() const { return impl->mode; }
size_t AnalogArray::usedRows() const { return impl->rows; }
size_t AnalogArray::usedCols() const { return impl->cols; }
const ArrayConfig &AnalogArray::config() const { return impl->config; }
const InferenceDevice &AnalogArray::device() const { return *impl->device; }
unsigned AnalogArray::conversionsPerOutput() const {
  return impl->config.slices * impl->phases;
}
std::span<const double> AnalogArray::lineConductances() const {
  return impl->conductance;
}
void AnalogArray::setLineConductances(std::vector<double> us) {
  impl->conductance = std::move(us);
}
std::span<const float> AnalogArray::compensationFactors() const {
  return impl->compensation;
}

} // namespace hybridc::exec
