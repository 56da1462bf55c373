//===- PulsedDevice.cpp - Presets of training cells -----------------------===//
//
// Figures as aihwkit 1.1's presets give them, each a fit to the publication
// named beside it.
//
//===----------------------------------------------------------------------===//

#include "hybridc/Devices/PulsedDevice.h"

#include "PulsedFields.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {

namespace {

PulsedDevice rramEs() {
  PulsedDevice d;
  d.provenance = "Gong Nat. Commun. 2018 (exponential-step fit in aihwkit 1.1)";
  d.law = StepLaw::Exponential;
  d.dwMin = .00135, d.dwMinDtod = .2, d.dwMinStd = 5;
  d.upDown = .259359, d.upDownDtod = .05;
  d.wMax = 1, d.wMin = -1, d.wMaxDtod = d.wMinDtod = .3;
  d.a = d.b = -.5, d.gammaUp = d.gammaDown = 5;
  d.aUp = -1.18445, d.aDown = -.081404;
  d.writeNoise = 75;
  return d;
}

PulsedDevice rramSb() {
  PulsedDevice d;
  d.provenance =
      "Gong Nat. Commun. 2018 (loose soft-bounds fit in aihwkit 1.1)";
  d.law = StepLaw::SoftBounds;
  d.dwMin = .002, d.dwMinDtod = .3, d.dwMinStd = 3.75;
  d.upDownDtod = .01;
  d.wMax = 1.25, d.wMin = -.75, d.wMaxDtod = .3 / 1.25, d.wMinDtod = .3 / .75;
  d.multiplicativeNoise = false;
  d.writeNoise = 56;
  d.transferSymmetryPoint = true;
  return d;
}

/// The two arrays of Gong and Rasch, IEDM 2022, differ in six figures.
PulsedDevice rramArray(double dwMin, double dtod, double std, double maxDtod,
                       double minDtod, double writeNoise) {
  PulsedDevice d;
  d.provenance = "Gong and Rasch IEDM 2022 (fit in aihwkit 1.1)";
  d.law = StepLaw::SoftBounds;
  d.dwMin = dwMin, d.dwMinDtod = dtod, d.dwMinStd = std;
  d.dwMinLogNormal = true;
  d.upDownDtod = .01;
  d.wMax = 1, d.wMin = -1, d.wMaxDtod = maxDtod, d.wMinDtod = minDtod;
  d.multiplicativeNoise = false;
  d.writeNoise = writeNoise;
  d.referenceStd = .05, d.subtractSymmetryPoint = true;
  d.corruptRange = .01;
  return d;
}
PulsedDevice rramOm() {
  return rramArray(.0949, .7829, .4158, .3499, .5695, 1.4113);
}
PulsedDevice rramHfo2() {
  return rramArray(.4622, .7125, .2174, .4295, .5990, .5841);
}

PulsedDevice ecramLi() {
  PulsedDevice d;
  d.provenance = "Tang IEDM 2018 (linear-step fit in aihwkit 1.1)";
  d.law = StepLaw::Linear;
  d.dwMin = .002, d.dwMinDtod = .1, d.dwMinStd = .3;
  d.wMax = 1.1724, d.wMin = -.8276, d.wMaxDtod = d.wMinDtod = .05;
  d.gammaUp = .1153, d.gammaDown = .5085;
  d.gammaUpDtod = d.gammaDownDtod = .05;
  return d;
}

PulsedDevice ecramMo() {
  PulsedDevice d;
  d.provenance = "Kim IEDM 2019 (linear-step fit in aihwkit 1.1)";
  d.law = StepLaw::Linear;
  d.dwMin = 2.8214e-4, d.dwMinDtod = .1, d.dwMinStd = 2;
  d.wMax = 1.1714, d.wMin = -.8286, d.wMaxDtod = d.wMinDtod = .05;
  d.gammaUp = .4152, d.gammaDown = .7342;
  d.gammaUpDtod = d.gammaDownDtod = .05;
  return d;
}

PulsedDevice capacitor() {
  PulsedDevice d;
  d.provenance = "Li VLSI 2018 (linear-step fit in aihwkit 1.1)";
  d.law = StepLaw::Linear;
  d.dwMin = .005, d.dwMinDtod = .1, d.dwMinStd = .3;
  d.upDownDtod = .06;
  d.wMax = 1, d.wMin = -1, d.wMaxDtod = d.wMinDtod = .07;
  d.gammaUp = d.gammaDown = .05, d.gammaUpDtod = d.gammaDownDtod = .01;
  d.multiplicativeNoise = false;
  d.lifetime = 1e6, d.lifetimeDtod = .3;
  return d;
}

PulsedDevice gokmenVlasov() {
  PulsedDevice d;
  d.provenance = "Gokmen and Vlasov Front. Neurosci. 2016, as in aihwkit 1.1";
  d.dwMin = .0016, d.dwMinDtod = .3, d.dwMinStd = .3;
  d.upDownDtod = .01;
  d.wMax = 1, d.wMin = -1;
  return d;
}

PulsedDevice idealized() {
  PulsedDevice d = gokmenVlasov();
  d.provenance = "Rasch IEEE Design & Test 2019, as in aihwkit 1.1";
  d.dwMin = .0002, d.upDownDtod = 0;
  return d;
}

PulsedDevice pcmOneSided() {
  PulsedDevice d;
  d.provenance = "Nandakumar Front. Neurosci. 2020 (fit in aihwkit 1.1)";
  d.law = StepLaw::Exponential;
  d.dwMin = .01, d.dwMinDtod = .2, d.dwMinStd = .6;
  d.upDownDtod = .05;
  d.wMax = 2, d.wMin = 0, d.wMaxDtod = .1, d.wMinDtod = 0;
  d.a = -1, d.b = 0, d.gammaUp = d.gammaDown = 2.5;
  d.aUp = -27.235, d.aDown = -2.235;
  d.dwMinStdAdd = .042, d.dwMinStdSlope = .108;
  d.reset = .01, d.resetDtod = .02;
  return d;
}

// The step laws alone, with the defaults that aihwkit 1.1 documents, to be set
// to what a device does. PulsedDevice's own defaults are its constant step.
PulsedDevice bareLaw(StepLaw law) {
  PulsedDevice d;
  d.provenance =
      "aihwkit 1.1's default of this step law; not a measured device";
  d.law = law;
  return d;
}
PulsedDevice constantStep() { return bareLaw(StepLaw::Constant); }
PulsedDevice linearStep() {
  PulsedDevice d = bareLaw(StepLaw::Linear);
  d.gammaUpDtod = d.gammaDownDtod = .05;
  return d;
}
PulsedDevice softBounds() { return bareLaw(StepLaw::SoftBounds); }
PulsedDevice softBoundsReference() {
  PulsedDevice d = bareLaw(StepLaw::SoftBounds);
  d.multiplicativeNoise = false;
  return d;
}
PulsedDevice softBoundsPmax() {
  PulsedDevice d = softBounds();
  d.pMax = 1000;
  return d;
}
PulsedDevice expStep() {
  PulsedDevice d = bareLaw(StepLaw::Exponential);
  d.aUp = .00081, d.aDown = .36833;
  d.gammaUp = 12.44625, d.gammaDown = 12.78785;
  d.a = .244, d.b = .2425;
  return d;
}
PulsedDevice powStep() {
  PulsedDevice d = bareLaw(StepLaw::Power);
  d.gammaUp = d.gammaDown = 1;
  d.gammaUpDtod = .1;
  return d;
}
PulsedDevice powStepReference() { return powStep(); }
PulsedDevice piecewiseStep() {
  PulsedDevice d = bareLaw(StepLaw::Piecewise);
  d.nodesUp = d.nodesDown = {1};
  return d;
}

struct Preset {
  const char *name;
  PulsedDevice (*make)();
};
constexpr Preset presets[] = {
    {"rram-es", rramEs},
    {"rram-sb", rramSb},
    {"rram-om", rramOm},
    {"rram-hfo2", rramHfo2},
    {"ecram-li", ecramLi},
    {"ecram-mo", ecramMo},
    {"capacitor", capacitor},
    {"idealized", idealized},
    {"gokmen-vlasov", gokmenVlasov},
    {"pcm-onesided", pcmOneSided},
    {"constant-step", constantStep},
    {"linear-step", linearStep},
    {"soft-bounds", softBounds},
    {"soft-bounds-ref", softBoundsReference},
    {"soft-bounds-pmax", softBoundsPmax},
    {"exp-step", expStep},
    {"pow-step", powStep},
    {"pow-step-ref", powStepReference},
    {"piecewise-step", piecewiseStep},
};

} // namespace

PulsedDevice PulsedDevice::withoutVariation() const {
  PulsedDevice d = *this;
  for (double PulsedDevice::*value :
       {&PulsedDevice::dwMinDtod,     &PulsedDevice::upDownDtod,
        &PulsedDevice::wMaxDtod,      &PulsedDevice::wMinDtod,
        &PulsedDevice::dwMinStd,      &PulsedDevice::dwMinStdAdd,
        &PulsedDevice::dwMinStdSlope, &PulsedDevice::writeNoise,
        &PulsedDevice::gammaUpDtod,   &PulsedDevice::gammaDownDtod,
        &PulsedDevice::slopeUpDtod,   &PulsedDevice::slopeDownDtod,
        &PulsedDevice::referenceStd,  &PulsedDevice::gammaUpDownDtod,
        &PulsedDevice::lifetimeDtod,  &PulsedDevice::resetDtod,
        &PulsedDevice::resetStd,      &PulsedDevice::corruptProb,
        &PulsedDevice::diffusion,     &PulsedDevice::diffusionDtod,
        &PulsedDevice::driftNuDtod,   &PulsedDevice::driftNuStd,
        &PulsedDevice::driftReadStd})
    d.*value = 0;
  return d;
}

double PulsedDevice::granularity() const {
  double step = dwMin;
  switch (law) {
  case StepLaw::Power:
    step = dwMin * std::pow(0.5, gammaUp);
    break;
  case StepLaw::Piecewise:
    if (!nodesUp.empty() && !nodesDown.empty())
      step = dwMin * nodesUp[nodesUp.size() / 2];
    break;
  case StepLaw::Exponential:
    step = dwMin * (1 - std::max(upDown, 0.0)) *
           std::max(1 - aDown * std::exp(-gammaDown * b), 0.0);
    break;
  case StepLaw::Constant:
  case StepLaw::Linear:
  case StepLaw::SoftBounds:
    break;
  }
  return step > 0 ? step : dwMin;
}

/// Bounds and steps from what soft-bounds-pmax says, the formulas that aihwkit
/// documents for its device of that name.
static Status applyPmax(PulsedDevice &d) {
  double factor = (d.rangeMax - d.rangeMin) / (1 - std::exp(-d.pMax * d.alpha));
  if (!(d.rangeMax > d.rangeMin) || !(d.rangeMin + factor >= 0))
    return invalidInput("device '" + d.name +
                        "': range_min must be below range_max, and what pulses "
                        "reach not below 0");
  d.wMin = d.rangeMin;
  d.wMax = d.rangeMin + factor;
  d.dwMin = factor * d.alpha;
  d.upDown = 1 + 2 * d.rangeMin / factor;
  return {};
}

const std::vector<std::string> &pulsedDeviceNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Preset &p : presets)
      list.push_back(p.name);
    return list;
  }();
  return names;
}

Result<PulsedDevice> makePulsedDevice(std::string_view name,
                                      const DeviceParams &params) {
  std::string known;
  for (const Preset &p : presets) {
    if (name == p.name) {
      PulsedDevice device = p.make();
      device.name = p.name;
      for (const auto &[field, value] : params)
        if (Status s = setField(device, field, value); !s)
          return s.error();
      // Soft bounds are a linear step whose slope ends at the cell's own
      // bound, which is the form that can be reversed.
      if ((device.reverseUp || device.reverseDown) &&
          device.law == StepLaw::SoftBounds) {
        device.law = StepLaw::Linear;
        device.gammaUp = device.gammaDown = 1;
        device.gammaUpDtod = device.gammaDownDtod = 0;
        device.meanBoundReference = false;
      }
      // Only noise that is a part of the step keeps its meaning when reversed.
      if ((device.reverseUp || device.reverseDown) &&
          !device.multiplicativeNoise)
        return invalidInput("device '" + device.name +
                            "': reverse_up and reverse_down need "
                            "multiplicative_noise=1");
      if (device.pMax > 0)
        if (Status s = applyPmax(device); !s)
          return s.error();
      return device;
    }
    known += (known.empty() ? "" : ", ") + std::string(p.name);
  }
  return invalidInput("no training device '" + std::string(name) +
                      "'; there are " + known);
}

} // namespace hybridc::exec
