//===- StandardPeriphery.cpp - Peripheries that have names ----------------===//
//
// Those of aihwkit 1.1: IOParameters, PresetIOParameters, StandardIOParameters,
// and the forward pass of StandardHWATrainingPreset, whose learned input range
// is --set input_range here.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Studies/DeviceSubject.h"

using namespace hybridc;
using namespace hybridc::studies;

const std::vector<std::string> &studies::standardPeripheryNames() {
  static const std::vector<std::string> names = {"default", "training",
                                                 "standard", "hwa", "perfect"};
  return names;
}

exec::ArrayPeriphery studies::standardPeriphery(const std::string &name) {
  exec::ArrayPeriphery p;
  p.boundManagement = exec::BoundManagement::Iterative;
  if (name == "default" || name == "training") {
    p.inRes = exec::ArrayPeriphery::resolutionOfBits(7);
    p.outRes = exec::ArrayPeriphery::resolutionOfBits(9);
    p.outBound = name == "default" ? 12 : 20;
    p.outNoise = name == "default" ? 0.06 : 0.1;
  } else if (name == "hwa") {
    p.boundManagement = exec::BoundManagement::None;
    p.weightNoise = exec::WeightNoise::PcmRead;
    p.wNoise = 0.0175;
    p.irDrop = 1;
  } else if (name == "perfect") {
    p.boundManagement = exec::BoundManagement::None;
    p.inRes = p.inBound = p.outRes = p.outBound = p.outNoise = 0;
  }
  return p;
}
