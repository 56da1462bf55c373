//===- PulsedSteps.cpp - The laws by which a pulse moves a weight ---------===//

#include "Vectorize.h"

#include "PulsedSteps.h"

#include "VecMath.h"

namespace hybridc::exec::detail {

StepModel::StepModel(const PulsedDevice &d)
    : law(d.law), multiplicative(d.multiplicativeNoise), std(float(d.dwMinStd)),
      stdAdd(float(d.dwMinStdAdd)), stdSlope(float(d.dwMinStdSlope)),
      a(float(d.a)), b(float(d.b)), aUp(float(d.aUp)), aDown(float(d.aDown)),
      gammaUp(float(d.gammaUp)), gammaDown(float(d.gammaDown)),
      nodesUp(d.nodesUp.begin(), d.nodesUp.end()),
      nodesDown(d.nodesDown.begin(), d.nodesDown.end()) {}

// A law is a function object: the new weight of cell i after one pulse. Both
// directions are computed and one selected, so that loops vectorise.

struct ConstantStep {
  float std;
  HYBRIDC_INLINE float operator()(const CellRun &c, size_t i, bool up,
                                  float z) const {
    float step = up ? c.up[i] : -c.down[i];
    return clampTo(c.w[i] + step * (1.0f + std * z), c.low[i], c.high[i]);
  }
};

struct LinearStep {
  float std;
  bool multiplicative;
  HYBRIDC_INLINE float operator()(const CellRun &c, size_t i, bool up,
                                  float z) const {
    float slope = (up ? c.p[i] : c.q[i]) * c.w[i];
    float scale = up ? c.up[i] : c.down[i];
    float step = slope + scale;
    step += std * z * (multiplicative ? step : scale);
    float w = up ? c.w[i] + step : c.w[i] - step;
    return clampTo(w, c.low[i], c.high[i]);
  }
};

struct SoftBoundsStep {
  float std;
  bool multiplicative;
  HYBRIDC_INLINE float operator()(const CellRun &c, size_t i, bool up,
                                  float z) const {
    float u = c.w[i] + c.reference[i];
    float bound = up ? c.high[i] : c.low[i];
    // A bound on the wrong side of 0 does not soften.
    bool softens = up ? bound > 0.0f : bound < 0.0f;
    float factor = softens ? 1.0f - u / bound : 1.0f;
    factor += std * z * (multiplicative ? factor : 1.0f);
    u += up ? c.up[i] * factor : -c.down[i] * factor;
    return clampTo(u, c.low[i], c.high[i]) - c.reference[i];
  }
};

struct ExponentialStep {
  float std, stdAdd, stdSlope, a, b, aUp, aDown, gammaUp, gammaDown;
  HYBRIDC_INLINE float operator()(const CellRun &c, size_t i, bool up,
                                  float z) const {
    float range = c.high[i] - c.low[i], w = c.w[i];
    float position = 2.0f * w / range * a + b;
    float power = up ? gammaUp * position : -gammaDown * position;
    float factor = maxOf(1.0f - (up ? aUp : aDown) * expOf(power), 0.0f);
    float step = up ? factor * c.up[i] : -factor * c.down[i];
    // The plain form, step·std·z, and the one with two more terms, agree in
    // law but for these terms: |step|·z and step·z are both symmetric.
    float spread = absOf(step) + stdAdd + stdSlope * absOf(w);
    float moved = clampTo(w + step + std * spread * z, c.low[i], c.high[i]);
    return range > 0.0f ? moved : w;
  }
};

struct PowerStep {
  float std;
  HYBRIDC_INLINE float operator()(const CellRun &c, size_t i, bool up,
                                  float z) const {
    float range = c.high[i] - c.low[i], w = c.w[i] + c.reference[i];
    float distance = (up ? c.high[i] - w : w - c.low[i]) / range;
    // 0^γ is 0 here (to 1e-12^γ), which also keeps the logarithm finite.
    float factor =
        expOf((up ? c.p[i] : c.q[i]) * logOf(maxOf(distance, 1e-30f)));
    factor = distance > 0.0f ? factor : 0.0f;
    float step = (up ? c.up[i] : -c.down[i]) * factor * (1.0f + std * z);
    float moved = clampTo(w + step, c.low[i], c.high[i]);
    return range > 0.0f ? moved - c.reference[i] : c.w[i];
  }
};

struct PiecewiseStep {
  float std;
  const std::vector<float> &nodesUp, &nodesDown;
  HYBRIDC_INLINE float operator()(const CellRun &c, size_t i, bool up,
                                  float z) const {
    const std::vector<float> &nodes = up ? nodesUp : nodesDown;
    float range = c.high[i] - c.low[i], w = c.w[i];
    float factor = nodes.empty() ? 1.0f : nodes[0];
    if (nodes.size() > 1 && range > 0.0f) {
      float pieces = float(nodes.size() - 1);
      float at = clampTo((w - c.low[i]) / range * pieces, 0.0f, pieces);
      size_t piece = at < pieces ? size_t(at) : nodes.size() - 2;
      float part = at - float(piece);
      factor = (1.0f - part) * nodes[piece] + part * nodes[piece + 1];
    }
    float step = (up ? c.up[i] : -c.down[i]) * factor * (1.0f + std * z);
    return clampTo(w + step, c.low[i], c.high[i]);
  }
};

template <typename Law>
HYBRIDC_INLINE void stepBody(const Law &law, const CellRun &cells,
                             const float *direction, const float *z, size_t n) {
  float *__restrict w = cells.w;
  for (size_t i = 0; i < n; ++i) {
    float moved = law(cells, i, direction[i] > 0.0f, z[i]);
    w[i] = direction[i] != 0.0f ? moved : w[i];
  }
}

/// The loop over one law, for every vector level.
#define HYBRIDC_STEP(LAW)                                                      \
  HYBRIDC_VECTOR_FUNCTION(void, step##LAW, stepBody,                           \
                          (const LAW##Step &law, const CellRun &cells,         \
                           const float *direction, const float *z, size_t n),  \
                          (law, cells, direction, z, n))
HYBRIDC_STEP(Constant)
HYBRIDC_STEP(Linear)
HYBRIDC_STEP(SoftBounds)
HYBRIDC_STEP(Exponential)
HYBRIDC_STEP(Power)

void stepCells(const StepModel &m, const CellRun &cells, const float *direction,
               const float *z, size_t n) {
  switch (m.law) {
  case StepLaw::Constant:
    return stepConstant({m.std}, cells, direction, z, n);
  case StepLaw::Linear:
    return stepLinear({m.std, m.multiplicative}, cells, direction, z, n);
  case StepLaw::SoftBounds:
    return stepSoftBounds({m.std, m.multiplicative}, cells, direction, z, n);
  case StepLaw::Exponential:
    return stepExponential({m.std, m.stdAdd, m.stdSlope, m.a, m.b, m.aUp,
                            m.aDown, m.gammaUp, m.gammaDown},
                           cells, direction, z, n);
  case StepLaw::Power:
    return stepPower({m.std}, cells, direction, z, n);
  case StepLaw::Piecewise:
    return stepBody(PiecewiseStep{m.std, m.nodesUp, m.nodesDown}, cells,
                    direction, z, n);
  }
}

} // namespace hybridc::exec::detail
