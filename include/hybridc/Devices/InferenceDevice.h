//===- InferenceDevice.h - One memory cell, programmed once ----*- C++ -*-===//
//
// What a cell's conductance does after it was programmed to a target: error of
// programming, drift or relaxation, read noise. Conductances in µS, times in
// seconds. A device is one small file; docs/Devices.md lists what each models
// and every figure's source stands beside it.
//
// All randomness is a pure function of (key, index of the cell).
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DEVICES_INFERENCEDEVICE_H
#define HYBRIDC_DEVICES_INFERENCEDEVICE_H

#include "hybridc/Devices/Rng.h"
#include "hybridc/Support/Result.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::exec {

class InferenceDevice {
public:
  virtual ~InferenceDevice() = default;

  const std::string &name() const { return deviceName; }
  /// Where its formulas and figures were read, "unverified: …" if nowhere.
  const std::string &provenance() const { return source; }
  /// Every field that `params` of makeInferenceDevice may override, with the
  /// value in force.
  const std::map<std::string, double> &fields() const { return fieldValues; }

  /// The conductances of weight 0 and of the largest weight, µS.
  double gMin() const { return gMinimum; }
  double gMax() const { return gMaximum; }
  /// States that the cell can be programmed to, evenly spaced from gMin to
  /// gMax; 0 = any value.
  unsigned levels() const { return levelCount; }
  /// Whether a cell reads back as what it was programmed to, at any time:
  /// arrays then skip the way over conductances, which rounds.
  virtual bool isIdeal() const { return false; }

  /// programmed[j] = conductance of cell first + j right after programming it
  /// to target[j]. The arrays may be the same.
  virtual void program(const float *target, float *programmed, size_t n,
                       Key key, uint64_t first) const = 0;

  /// g[j] = conductance of cell first + j as read `seconds` after programming
  /// ended, drift and read noise included. `driftKey` fixes what a cell keeps
  /// for life, `readKey` what differs from one read-out epoch to the next.
  /// g may be `programmed`, but not `target`.
  virtual void age(const float *target, const float *programmed, float *g,
                   size_t n, double seconds, Key driftKey, Key readKey,
                   uint64_t first) const = 0;

  /// Whether conductance falls as t^-ν, and then each cell's ν.
  virtual bool hasDriftExponent() const { return false; }
  virtual void driftExponents(const float *target, float *nu, size_t n,
                              Key driftKey, uint64_t first) const;

protected:
  /// One overridable field and the values that make sense for it.
  struct Field {
    const char *name;
    double *value;
    double low, high;
  };
  /// Applies `params` onto `fields` and remembers the result.
  Status setFields(const std::vector<Field> &fields,
                   const std::map<std::string, double> &params);

  std::string deviceName, source;
  double gMinimum = 0, gMaximum = 25;
  unsigned levelCount = 0;

private:
  std::map<std::string, double> fieldValues;
};

using DeviceParams = std::map<std::string, double>;

/// The devices: ideal, pcm, pcm-hermes, pcm-hermes-1, rram-wan2022,
/// rram-cmo-hfox, mram, feram, flash, pcm-custom, state-independent. `params`
/// overrides fields by name. Errors
/// (InvalidInput): unknown device, unknown field, value out of range.
Result<std::unique_ptr<InferenceDevice>>
makeInferenceDevice(std::string_view name, const DeviceParams &params = {});

/// The names above, in that order, then those that were registered.
std::vector<std::string> inferenceDeviceNames();

/// A device of a plug-in (examples/plugin): from then on known by its name to
/// chips and to `hybridc characterize`. Replaces one of the same name.
using DeviceMaker = std::function<Result<std::unique_ptr<InferenceDevice>>(
    const DeviceParams &)>;
void registerInferenceDevice(const std::string &name, DeviceMaker make);

} // namespace hybridc::exec

#endif // HYBRIDC_DEVICES_INFERENCEDEVICE_H
