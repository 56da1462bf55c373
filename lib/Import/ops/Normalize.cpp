//===- Normalize.cpp - Normalisations and softmax -------------------------===//

#include "../Importer.h"
#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

/// x - mean over `axes`, divided by the standard deviation; in `inner`.
Value standardize(Node &n, Value x, ArrayRef<int64_t> axes, double epsilon,
                  Type inner) {
  Type own = Node::elem(x);
  Value wide = n.cast(x, inner);
  Value y = n.emit<hyb::NormalizeOp>(Node::typeOf(wide),
                                     hyb::NormalizeKind::MeanVariance, wide,
                                     axes, llvm::APFloat(epsilon));
  return n.cast(y, own);
}

/// f32 for f16 and bf16.
Type wideType(Node &n, Value x) {
  return Node::elem(x).isF64() ? Node::elem(x) : n.f32();
}

Ints axesFrom(Value x, int64_t first) {
  Ints axes;
  for (int64_t d = first; d < Node::rankOf(x); ++d)
    axes.push_back(d);
  return axes;
}

/// The mean of x over `axes`, and the variance around it, as vectors.
std::pair<Value, Value> statistics(Node &n, Value x, int64_t channel) {
  Ints axes;
  for (int64_t d = 0; d < Node::rankOf(x); ++d)
    if (d != channel)
      axes.push_back(d);
  Value mean = n.reduce(hyb::ReduceKind::Mean, x, axes, /*keep=*/false);
  Value squares = n.mapAlong(x, {mean}, channel, [](Scalars &s, ValueRange v) {
    Value centred = s.sub(v[0], v[1]);
    return s.mul(centred, centred);
  });
  return {mean, n.reduce(hyb::ReduceKind::Mean, squares, axes, /*keep=*/false)};
}

/// With given statistics this is x * s + t for each channel. In training they
/// are those of the batch, and the running ones move towards them.
void importBatchNormalization(Node &n) {
  bool trains = n.intAttr("training_mode", 0) != 0;
  for (int i = 1; i < n.numOutputs() && !trains; ++i)
    if (n.wants(i))
      n.unsupported("gives statistics without training_mode, as training did "
                    "before opset 14; convert the model to opset 15");
  if (n.opset < 9 && n.intAttr("spatial", 1) == 0)
    n.unsupported("spatial is 0");
  Value x = n.in(0);
  if (Node::rankOf(x) < 1)
    n.invalid("the input is a scalar");
  double epsilon = n.floatAttr("epsilon", 1e-5);
  Type own = Node::elem(x), wide = wideType(n, x);
  Value gamma = n.cast(n.in(1), wide), beta = n.cast(n.in(2), wide);
  Value mean = n.cast(n.in(3), wide), variance = n.cast(n.in(4), wide);
  int64_t channel = Node::rankOf(x) > 1 ? 1 : 0;
  if (trains) {
    double momentum = n.floatAttr("momentum", 0.9);
    auto [nowMean, nowVariance] = statistics(n, n.cast(x, wide), channel);
    auto running = [&](int i, Value before, Value now) {
      Type type = Node::elem(n.in(2 + i));
      if (n.wants(i))
        n.out(i,
              n.cast(n.map(Node::typeOf(now), {before, now},
                           [&](Scalars &s, ValueRange v) {
                             Value kept = s.mul(v[0], s.like(v[0], momentum));
                             return s.add(
                                 kept, s.mul(v[1], s.like(v[1], 1 - momentum)));
                           }),
                     type));
    };
    running(1, mean, nowMean);
    running(2, variance, nowVariance);
    mean = nowMean;
    variance = nowVariance;
  }
  Value scale = n.map(Node::typeOf(variance), {variance, gamma},
                      [&](Scalars &s, ValueRange v) {
                        Value moved = s.add(v[0], s.like(v[0], epsilon));
                        return s.div(v[1], s.call<math::SqrtOp>(moved));
                      });
  Value shift = n.map(
      Node::typeOf(mean), {mean, scale, beta},
      [](Scalars &s, ValueRange v) { return s.sub(v[2], s.mul(v[0], v[1])); });
  n.out(0,
        n.mapAlong(x, {scale, shift}, channel, [&](Scalars &s, ValueRange v) {
          Value y = s.mul(s.cast(v[0], own, wide), v[1]);
          return s.cast(s.add(y, v[2]), wide, own);
        }));
}

void importInstanceNormalization(Node &n) {
  Value x = n.in(0);
  if (Node::rankOf(x) < 3)
    n.invalid("the input must have rank 3 or more");
  Value y = standardize(n, x, axesFrom(x, 2), n.floatAttr("epsilon", 1e-5),
                        wideType(n, x));
  n.out(0, n.mapAlong(y, {n.in(1), n.in(2)}, 1, [](Scalars &s, ValueRange v) {
    return s.add(s.mul(v[0], v[1]), v[2]);
  }));
}

void importLayerNormalization(Node &n) {
  Value x = n.in(0);
  int64_t axis = n.axisOf(n.intAttr("axis", -1), Node::rankOf(x));
  Ints axes = axesFrom(x, axis);
  double epsilon = n.floatAttr("epsilon", 1e-5);
  Type stash = elementTypeOf(n.b.getContext(),
                             static_cast<int>(n.intAttr("stash_type", 1)));
  if (!stash || !isa<FloatType>(stash))
    n.unsupported("stash_type must be a float type");
  // The statistics have the type of the stash; doubles are computed as such.
  Type inner = Node::elem(x).isF64() ? Node::elem(x) : stash;
  Value y = standardize(n, x, axes, epsilon, inner);
  SmallVector<Value> inputs{y, n.in(1)};
  if (n.has(2))
    inputs.push_back(n.in(2));
  n.out(0, n.map(Node::typeOf(x), inputs, [](Scalars &s, ValueRange v) {
    Value scaled = s.mul(v[0], v[1]);
    return v.size() > 2 ? s.add(scaled, v[2]) : scaled;
  }));
  if (!n.wants(1) && !n.wants(2))
    return;
  Value wide = n.cast(x, inner);
  Value mean = n.reduce(hyb::ReduceKind::Mean, wide, axes, true);
  n.out(1, n.cast(mean, stash));
  Value centred = n.sub(wide, mean);
  Value variance =
      n.reduce(hyb::ReduceKind::Mean, n.mul(centred, centred), axes, true);
  Value inverse =
      n.map(Node::typeOf(variance), variance, [&](Scalars &s, ValueRange v) {
        Value moved = s.add(v[0], s.like(v[0], epsilon));
        return s.div(s.like(v[0], 1), s.call<math::SqrtOp>(moved));
      });
  n.out(2, n.cast(inverse, stash));
}

/// Scale and bias are per group before opset 21, then per channel.
void importGroupNormalization(Node &n) {
  Value x = n.in(0), scale = n.in(1), bias = n.in(2);
  int64_t groups = n.intAttr("num_groups", 0);
  int64_t channels = Node::rankOf(x) > 1 ? Node::shapeOf(x)[1] : 0;
  if (groups < 1 || Node::rankOf(x) < 2 || channels % groups)
    n.invalid("num_groups must divide the number of channels");
  Ints grouped{Node::shapeOf(x)[0], groups, channels / groups};
  llvm::append_range(grouped, Node::shapeOf(x).drop_front(2));
  Value cut = n.reshape(x, grouped);
  Value y = standardize(n, cut, axesFrom(cut, 2), n.floatAttr("epsilon", 1e-5),
                        wideType(n, x));
  auto body = [](Scalars &s, ValueRange v) {
    return s.add(s.mul(v[0], v[1]), v[2]);
  };
  if (n.opset < 21)
    return n.out(
        0, n.reshape(n.mapAlong(y, {scale, bias}, 1, body), Node::shapeOf(x)));
  n.out(0, n.mapAlong(n.reshape(y, Node::shapeOf(x)), {scale, bias}, 1, body));
}

/// x / (bias + alpha / size * sum of squares of neighbouring channels)^beta
void importLrn(Node &n) {
  Value x = n.in(0);
  int64_t rank = Node::rankOf(x), size = n.intAttr("size", 0);
  if (rank < 2 || size < 1 || size > (1 << 20))
    n.invalid("needs channels and a size of 1 or more");
  double alpha = n.floatAttr("alpha", 1e-4), beta = n.floatAttr("beta", 0.75);
  double bias = n.floatAttr("bias", 1);
  Ints ones(rank, 1), window(rank, 1), pads(2 * rank, 0);
  window[1] = size;
  pads[1] = (size - 1) / 2;
  pads[rank + 1] = size - 1 - pads[1];
  Value sum = n.emit<hyb::PoolOp>(Node::typeOf(x), hyb::PoolKind::Sum,
                                  n.mul(x, x), window, ones, pads, ones,
                                  /*count_pad=*/false);
  n.out(0, n.mapWide({x, sum}, [&](Scalars &s, ValueRange v) {
    double factor = alpha / static_cast<double>(size);
    Value base = s.add(s.mul(v[1], s.like(v[1], factor)), s.like(v[1], bias));
    return s.div(v[0], s.pow(base, s.like(base, beta)));
  }));
}

void importLpNormalization(Node &n) {
  Value x = n.in(0);
  int64_t p = n.intAttr("p", 2);
  if (p != 1 && p != 2)
    n.invalid("p must be 1 or 2");
  int64_t axis = n.axisOf(n.intAttr("axis", -1), Node::rankOf(x));
  Value terms = n.mapWide(x, [&](Scalars &s, ValueRange v) {
    return p == 2 ? s.mul(v[0], v[0]) : s.abs(v[0]);
  });
  Value norm = n.reduce(hyb::ReduceKind::Sum, terms, axis, true);
  n.out(0, n.mapWide({x, norm}, [&](Scalars &s, ValueRange v) {
    Value length = p == 2 ? s.call<math::SqrtOp>(v[1]) : v[1];
    // The norm of zeros: zeros.
    Value none = s.eq(length, s.like(length, 0));
    return s.select(none, s.like(v[0], 0), s.div(v[0], length));
  }));
}

void importMeanVarianceNormalization(Node &n) {
  Value x = n.in(0);
  Ints axes = n.intsAttr("axes");
  if (!n.hasAttr("axes")) // N, H and W, as far as there are such dimensions
    for (int64_t axis : {0, 2, 3})
      if (axis < Node::rankOf(x))
        axes.push_back(axis);
  // ONNX's body divides by the standard deviation + 1e-9.
  n.out(0, standardize(n, x, n.axesOf(axes, Node::rankOf(x)), 1e-18,
                       wideType(n, x)));
}

/// Up to opset 12 all axes from `axis` on are one; 1 is its default then.
template <hyb::NormalizeKind kind> void importSoftmax(Node &n) {
  Value x = n.in(0);
  bool flattens = n.opset < 13;
  int64_t axis =
      n.axisOf(n.intAttr("axis", flattens ? 1 : -1), Node::rankOf(x), flattens);
  Ints axes;
  if (flattens)
    axes = axesFrom(x, axis);
  else if (Node::rankOf(x) > 0)
    axes.push_back(axis);
  n.out(0, n.emit<hyb::NormalizeOp>(Node::typeOf(x), kind, x, axes,
                                    llvm::APFloat(0.0)));
}

/// One for the first largest, zero elsewhere.
void importHardmax(Node &n) {
  Value x = n.in(0);
  bool flattens = n.opset < 13;
  int64_t rank = Node::rankOf(x);
  int64_t axis = n.axisOf(n.intAttr("axis", flattens ? 1 : -1), rank, flattens);
  Value cut = x;
  if (flattens) {
    int64_t rows = 1, columns = 1;
    for (int64_t d = 0; d < rank; ++d)
      (d < axis ? rows : columns) *= Node::shapeOf(x)[d];
    cut = n.reshape(x, {rows, columns});
    axis = 1;
  }
  Value best = n.reduce(hyb::ReduceKind::ArgMax, cut, axis, true);
  Value y =
      n.map(Node::typeOf(cut), {cut, best}, [&](Scalars &s, ValueRange v) {
        return s.select(s.eq(s.index(axis), v[1]), s.like(v[0], 1),
                        s.like(v[0], 0));
      });
  n.out(0, n.reshape(y, Node::shapeOf(x)));
}

const OpRow rows[] = {
    {"BatchNormalization", 7,
     "map, scale and shift folded; in training with the batch's statistics",
     "training before opset 14", importBatchNormalization},
    {"GroupNormalization", 18, "reshape, normalize, map", "",
     importGroupNormalization},
    {"Hardmax", 7, "reduce argmax, map", "", importHardmax},
    {"InstanceNormalization", 7, "normalize, map", "",
     importInstanceNormalization},
    {"LRN", 7, "map, pool over channels, map", "", importLrn},
    {"LayerNormalization", 17, "normalize, map", "", importLayerNormalization},
    {"LogSoftmax", 7, "normalize", "",
     importSoftmax<hyb::NormalizeKind::LogSoftmax>},
    {"LpNormalization", 7, "map, reduce, map", "", importLpNormalization},
    {"MeanVarianceNormalization", 9, "normalize", "",
     importMeanVarianceNormalization},
    {"Softmax", 7, "normalize", "", importSoftmax<hyb::NormalizeKind::Softmax>},
};
} // namespace

OpFamily normalizeOps() { return {"Normalisations", rows}; }

} // namespace hybridc::import
