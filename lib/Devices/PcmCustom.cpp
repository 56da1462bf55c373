//===- PcmCustom.cpp - Drifting cells with a drift of one's own -----------===//
//
// Two devices for a measurement in hand, after aihwkit 1.1's custom-drift and
// state-independent noise models. With r = g_target / g_max:
//
//   programming  g_p = max(g_T + prog_scale·σ(r)·N, 0), σ a cubic in r, µS
//   drift        ν = |µ_ν + σ_ν·N|·drift_scale, g(t) = g_p·(t/t0)^-ν,
//                t = t_inf + t0
//   read noise   σ = g(t)·Q·√ln((t + t_r) / 2t_r), clamped at 0
//
// pcm-custom        µ_ν and σ_ν are interpolated linearly in g_T between nodes
//                   (nu_g_i in µS, nu_mean_i, nu_std_i; held outside); all else
//                   is as in Pcm.cpp
// state-independent one µ_ν and σ_ν for all; Q = read_scale / g_max, so that
//                   the spread is read_scale µS at g_max
//
//===----------------------------------------------------------------------===//

#include "Vectorize.h"

#include "Devices.h"
#include "VecMath.h"

#include <algorithm>
#include <cmath>

namespace hybridc::exec {
namespace {

using namespace detail;

constexpr size_t mostNodes = 16;

class PcmCustom final : public InferenceDevice {
public:
  explicit PcmCustom(bool hasNodes) : hasNodes(hasNodes) {}

  Status configure(const DeviceParams &params) {
    gMaximum = 25;
    std::vector<Field> fields = {{"g_max", &gMaximum, 1e-3, 1e6},
                                 {"g_min", &gMinimum, 0, 1e6},
                                 {"prog_c0", &c[0], -1e3, 1e3},
                                 {"prog_c1", &c[1], -1e3, 1e3},
                                 {"prog_c2", &c[2], -1e3, 1e3},
                                 {"prog_c3", &c[3], -1e3, 1e3},
                                 {"prog_scale", &progScale, 0, 1e3},
                                 {"drift_scale", &driftScale, 0, 1e3},
                                 {"t0", &t0, 1e-9, 1e9},
                                 {"t_read", &tRead, 1e-12, 1e3},
                                 {"read_scale", &readScale, 0, 1e3}};
    if (!hasNodes) {
      deviceName = "state-independent";
      source = "by definition; defaults of aihwkit 1.1's state-independent "
               "noise model";
      c[0] = 0.2;
      nodes = 1;
      mean[0] = 0.1;
      spread[0] = 0.05;
      fields.push_back({"nu_mean", &mean[0], -10, 10});
      fields.push_back({"nu_std", &spread[0], 0, 10});
      return setFields(fields, params);
    }
    deviceName = "pcm-custom";
    source = "as pcm; the drift is that of the nodes given";
    c[0] = 0.26348;
    c[1] = 1.9650;
    c[2] = -1.1731;
    progGMax = programReference(params, 25, gMaximum);
    fields.push_back({"prog_g_max", &progGMax, 1e-3, 1e6});
    fields.push_back({"read_q", &readQ, 0, 1});
    fields.push_back({"read_power", &readPower, 0, 10});
    fields.push_back({"read_q_max", &readQHigh, 0, 10});
    return addNodes(fields, params);
  }

  void program(const float *target, float *programmed, size_t n, Key key,
               uint64_t first) const override {
    double scale = progScale * (hasNodes ? gMaximum / progGMax : 1.0);
    float k[4], inverse = float(1 / gMaximum);
    for (int i = 0; i < 4; ++i)
      k[i] = float(c[i] * scale);
    forCellBlocks(n, key, first, [&](size_t at, size_t count, float *noise) {
      for (size_t i = 0; i < count; ++i) {
        float g = target[at + i], r = g * inverse;
        float sigma = k[0] + r * (k[1] + r * (k[2] + r * k[3]));
        programmed[at + i] = maxOf(g + sigma * noise[i], 0.0f);
      }
    });
  }

  void age(const float *target, const float *programmed, float *g, size_t n,
           double seconds, Key driftKey, Key readKey,
           uint64_t first) const override {
    double t = std::fmax(seconds, 0.0) + t0;
    double root =
        std::sqrt(std::fmax(std::log((t + tRead) / (2 * tRead)), 0.0));
    float lnTime = float(std::log(t / t0)), inverse = float(1 / gMaximum);
    float factor = float(root * readScale);
    forCellBlocks(n, driftKey, readKey, first,
                  [&](size_t at, size_t count, float *d, float *noise) {
                    for (size_t i = 0; i < count; ++i) {
                      float nu = exponentOf(target[at + i], d[i]);
                      float fresh = programmed[at + i];
                      float now = fresh * expOf(-nu * lnTime);
                      float q = hasNodes ? relativeNoise(fresh * inverse)
                                         : now * inverse;
                      float sigma = (hasNodes ? now * q : q) * factor;
                      g[at + i] = maxOf(now + sigma * noise[i], 0.0f);
                    }
                  });
  }

  bool hasDriftExponent() const override { return true; }
  void driftExponents(const float *target, float *nu, size_t n, Key driftKey,
                      uint64_t first) const override {
    forCellBlocks(n, driftKey, first,
                  [&](size_t at, size_t count, float *noise) {
                    for (size_t i = 0; i < count; ++i)
                      nu[at + i] = exponentOf(target[at + i], noise[i]);
                  });
  }

private:
  /// Node i counts if one of its fields is given; without any, two nodes hold
  /// the ends of pcm's fit.
  Status addNodes(std::vector<Field> &fields, const DeviceParams &params) {
    static const std::vector<std::string> names = [] {
      std::vector<std::string> all;
      for (size_t i = 0; i < mostNodes; ++i)
        for (const char *what : {"nu_g_", "nu_mean_", "nu_std_"})
          all.push_back(what + std::to_string(i));
      return all;
    }();
    size_t given = 0;
    for (size_t i = 0; i < names.size(); ++i)
      if (params.count(names[i]))
        given = i / 3 + 1;
    nodes = given ? given : 2;
    for (size_t i = 0; i < nodes; ++i) {
      for (size_t field = 0; given && field < 3; ++field)
        if (const std::string &name = names[3 * i + field]; !params.count(name))
          return invalidInput("device 'pcm-custom': " + name +
                              " is missing; a node of the drift needs its "
                              "conductance, mean and spread, and nodes are "
                              "numbered from 0");
      fields.push_back({names[3 * i].c_str(), &at[i], 0, 1e6});
      fields.push_back({names[3 * i + 1].c_str(), &mean[i], -10, 10});
      fields.push_back({names[3 * i + 2].c_str(), &spread[i], 0, 10});
    }
    at[1] = gMaximum;
    mean[0] = 0.1;
    mean[1] = 0.049;
    spread[0] = 0.045;
    spread[1] = 0.008;
    if (Status s = setFields(fields, params); !s)
      return s;
    for (size_t i = 1; i < nodes; ++i)
      if (!(at[i] > at[i - 1]))
        return invalidInput("device 'pcm-custom': the conductances " +
                            names[3 * i - 3] + " and " + names[3 * i] +
                            " must ascend");
    return {};
  }

  float exponentOf(float target, float noise) const {
    size_t i = 0; // the first node at or above the target
    while (i < nodes && at[i] < double(target))
      ++i;
    double m = mean[std::min(i, nodes - 1)], s = spread[std::min(i, nodes - 1)];
    if (i > 0 && i < nodes) {
      double part = (double(target) - at[i - 1]) / (at[i] - at[i - 1]);
      m = mean[i - 1] + part * (m - mean[i - 1]);
      s = spread[i - 1] + part * (s - spread[i - 1]);
    }
    return absOf(float(m) + float(s) * noise) * float(driftScale);
  }

  float relativeNoise(float r) const {
    float power = expOf(float(readPower) * logOf(maxOf(r, 1e-30f)));
    return minOf(float(readQ) / maxOf(power, 1e-3f), float(readQHigh));
  }

  bool hasNodes;
  size_t nodes = 1;
  double at[mostNodes] = {}, mean[mostNodes] = {}, spread[mostNodes] = {};
  double c[4] = {}, progScale = 1, progGMax = 25, driftScale = 1;
  double t0 = 20, tRead = 250e-9, readScale = 1;
  double readQ = 0.0088, readPower = 0.65, readQHigh = 0.2;
};

DeviceResult make(bool hasNodes, const DeviceParams &params) {
  auto device = std::make_unique<PcmCustom>(hasNodes);
  if (Status s = device->configure(params); !s)
    return s.error();
  return DeviceResult(std::move(device));
}

} // namespace

detail::DeviceResult detail::makePcmCustom(const DeviceParams &params) {
  return make(true, params);
}
detail::DeviceResult detail::makeStateIndependent(const DeviceParams &params) {
  return make(false, params);
}

} // namespace hybridc::exec
