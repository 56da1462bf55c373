//===- Activations.cpp - Activation functions -----------------------------===//

#include "Activations.h"

#include "../Node.h"
#include "../Table.h"

using namespace mlir;

namespace hybridc::import {

Value softplus(Scalars &s, Value x) {
  // log(1 + exp(x)) without overflow.
  Value tail = s.call<math::Log1pOp>(s.call<math::ExpOp>(s.neg(s.abs(x))));
  return s.add(s.max(x, s.like(x, 0)), tail);
}

std::optional<Activation> activationByName(llvm::StringRef name, double alpha,
                                           double beta) {
  auto is = [&](llvm::StringRef other) {
    return name.equals_insensitive(other);
  };
  if (is("Relu"))
    return [](Scalars &s, Value x) { return s.max(x, s.like(x, 0)); };
  if (is("Tanh"))
    return [](Scalars &s, Value x) { return s.call<math::TanhOp>(x); };
  if (is("Sigmoid"))
    return [](Scalars &s, Value x) { return s.sigmoid(x); };
  if (is("Affine"))
    return [=](Scalars &s, Value x) {
      return s.add(s.mul(x, s.like(x, alpha)), s.like(x, beta));
    };
  if (is("LeakyRelu"))
    return [=](Scalars &s, Value x) {
      return s.select(s.lt(x, s.like(x, 0)), s.mul(x, s.like(x, alpha)), x);
    };
  if (is("ThresholdedRelu"))
    return [=](Scalars &s, Value x) {
      return s.select(s.gt(x, s.like(x, alpha)), x, s.like(x, 0));
    };
  if (is("ScaledTanh"))
    return [=](Scalars &s, Value x) {
      Value inner = s.mul(x, s.like(x, beta));
      return s.mul(s.call<math::TanhOp>(inner), s.like(x, alpha));
    };
  if (is("HardSigmoid"))
    return [=](Scalars &s, Value x) {
      Value line = s.add(s.mul(x, s.like(x, alpha)), s.like(x, beta));
      return s.max(s.min(line, s.like(x, 1)), s.like(x, 0));
    };
  if (is("Elu"))
    return [=](Scalars &s, Value x) {
      Value curve = s.mul(s.call<math::ExpM1Op>(x), s.like(x, alpha));
      return s.select(s.lt(x, s.like(x, 0)), curve, x);
    };
  if (is("Softsign"))
    return [](Scalars &s, Value x) {
      return s.div(x, s.add(s.abs(x), s.like(x, 1)));
    };
  if (is("Softplus"))
    return [](Scalars &s, Value x) { return softplus(s, x); };
  return std::nullopt;
}

namespace {

/// The activations of activationByName, with an op's defaults.
void importNamed(Node &n, const char *name, double alpha, double beta) {
  auto function = *activationByName(name, n.floatAttr("alpha", alpha),
                                    n.floatAttr("beta", beta));
  n.out(0, n.mapWide(n.in(0), [&](Scalars &s, ValueRange v) {
    return function(s, v[0]);
  }));
}
void importElu(Node &n) { importNamed(n, "Elu", 1, 0); }
void importHardSigmoid(Node &n) { importNamed(n, "HardSigmoid", 0.2, 0.5); }
void importLeakyRelu(Node &n) { importNamed(n, "LeakyRelu", 0.01, 0); }
void importSigmoid(Node &n) { importNamed(n, "Sigmoid", 0, 0); }
void importSoftplus(Node &n) { importNamed(n, "Softplus", 0, 0); }
void importSoftsign(Node &n) { importNamed(n, "Softsign", 0, 0); }
void importThresholdedRelu(Node &n) { importNamed(n, "ThresholdedRelu", 1, 0); }

void importRelu(Node &n) {
  Value x = n.in(0);
  n.out(0, n.map(Node::typeOf(x), x, [](Scalars &s, ValueRange v) {
    return s.max(v[0], s.like(v[0], 0));
  }));
}

void importPRelu(Node &n) {
  Value x = n.in(0), slope = n.in(1);
  // Opset 6: one slope for each channel, by itself.
  if (n.opset < 7 && Node::rankOf(slope) == 1 && Node::rankOf(x) > 1 &&
      Node::shapeOf(slope)[0] == Node::shapeOf(x)[1]) {
    Ints shape(Node::rankOf(x) - 1, 1);
    shape[0] = Node::shapeOf(slope)[0];
    slope = n.reshape(slope, shape);
  }
  // Unidirectional broadcasting: the result has the shape of x.
  n.out(0, n.map(Node::typeOf(x), {x, slope}, [](Scalars &s, ValueRange v) {
    return s.select(s.lt(v[0], s.like(v[0], 0)), s.mul(v[0], v[1]), v[0]);
  }));
}

void importCelu(Node &n) {
  double alpha = n.floatAttr("alpha", 1);
  if (alpha == 0)
    n.invalid("alpha must not be 0");
  n.out(0, n.mapWide(n.in(0), [&](Scalars &s, ValueRange v) {
    Value x = v[0], zero = s.like(x, 0);
    Value curve = s.mul(s.call<math::ExpM1Op>(s.div(x, s.like(x, alpha))),
                        s.like(x, alpha));
    return s.add(s.max(x, zero), s.min(curve, zero));
  }));
}

void importSelu(Node &n) {
  double alpha = n.floatAttr("alpha", 1.67326319217681884765625);
  double gamma = n.floatAttr("gamma", 1.05070102214813232421875);
  n.out(0, n.mapWide(n.in(0), [&](Scalars &s, ValueRange v) {
    Value x = v[0];
    Value curve = s.mul(s.call<math::ExpM1Op>(x), s.like(x, alpha));
    Value bent = s.select(s.gt(x, s.like(x, 0)), x, curve);
    return s.mul(bent, s.like(x, gamma));
  }));
}

void importHardSwish(Node &n) {
  n.out(0, n.mapWide(n.in(0), [](Scalars &s, ValueRange v) {
    Value x = v[0];
    // ONNX's body has 1 / 6 as an f32.
    double sixth = static_cast<double>(1.0F / 6.0F);
    Value line = s.add(s.mul(x, s.like(x, sixth)), s.like(x, 0.5));
    return s.mul(x, s.max(s.min(line, s.like(x, 1)), s.like(x, 0)));
  }));
}

void importMish(Node &n) {
  n.out(0, n.mapWide(n.in(0), [](Scalars &s, ValueRange v) {
    return s.mul(v[0], s.call<math::TanhOp>(softplus(s, v[0])));
  }));
}

void importSwish(Node &n) {
  double alpha = n.floatAttr("alpha", 1);
  n.out(0, n.mapWide(n.in(0), [&](Scalars &s, ValueRange v) {
    return s.mul(v[0], s.sigmoid(s.mul(v[0], s.like(v[0], alpha))));
  }));
}

void importGelu(Node &n) {
  std::string form = n.stringAttr("approximate", "none");
  if (form != "none" && form != "tanh")
    n.invalid("approximate must be none or tanh, is '" + form + "'");
  n.out(0, n.mapWide(n.in(0), [&](Scalars &s, ValueRange v) {
    Value x = v[0], half = s.mul(x, s.like(x, 0.5)), one = s.like(x, 1);
    if (form == "none") {
      Value e = s.call<math::ErfOp>(s.mul(x, s.like(x, 0.70710678118654752)));
      return s.mul(half, s.add(one, e));
    }
    Value cube = s.mul(s.mul(x, x), x);
    Value inner = s.mul(s.add(x, s.mul(cube, s.like(x, 0.044715))),
                        s.like(x, 0.79788456080286536)); // sqrt(2 / pi)
    return s.mul(half, s.add(one, s.call<math::TanhOp>(inner)));
  }));
}

void importShrink(Node &n) {
  double lambda = n.floatAttr("lambd", 0.5), bias = n.floatAttr("bias", 0);
  Value x = n.in(0);
  Type element = Node::elem(x);
  n.out(0, n.map(Node::typeOf(x), x, [&](Scalars &s, ValueRange v) {
    // Integers compare with a fractional lambda too: in f32.
    Value wide =
        Node::isFloat(x) ? v[0] : s.cast(v[0], element, s.b.getF32Type());
    Value zero = s.like(wide, 0), offset = s.like(wide, bias);
    Value high =
        s.select(s.gt(wide, s.like(wide, lambda)), s.sub(wide, offset), zero);
    Value low =
        s.select(s.lt(wide, s.like(wide, -lambda)), s.add(wide, offset), high);
    return Node::isFloat(x) ? low : s.cast(low, s.b.getF32Type(), element);
  }));
}

/// Limits are attributes up to opset 10, then inputs, each optional.
void importClip(Node &n) {
  Value x = n.in(0), low, high;
  Type element = Node::elem(x);
  if (n.opset < 11) {
    if (n.hasAttr("min"))
      low = n.splat({}, element, n.floatAttr("min", 0));
    if (n.hasAttr("max"))
      high = n.splat({}, element, n.floatAttr("max", 0));
  } else {
    low = n.inOrNull(1);
    high = n.inOrNull(2);
  }
  auto scalar = [&](Value limit) {
    if (Node::typeOf(limit).getNumElements() != 1)
      n.invalid("min and max must be scalars");
    return n.reshape(limit, {});
  };
  if (low)
    x = n.map(Node::typeOf(x), {x, scalar(low)},
              [](Scalars &s, ValueRange v) { return s.max(v[0], v[1]); });
  if (high)
    x = n.map(Node::typeOf(x), {x, scalar(high)},
              [](Scalars &s, ValueRange v) { return s.min(v[0], v[1]); });
  n.out(0, x);
}

const OpRow rows[] = {
    {"Celu", 12, "map", "", importCelu},
    {"Clip", 7, "map", "", importClip},
    {"Elu", 7, "map", "", importElu},
    {"Gelu", 20, "map", "", importGelu},
    {"HardSigmoid", 7, "map", "", importHardSigmoid},
    {"HardSwish", 14, "map", "", importHardSwish},
    {"LeakyRelu", 7, "map", "", importLeakyRelu},
    {"Mish", 18, "map", "", importMish},
    {"PRelu", 7, "map", "", importPRelu},
    {"Relu", 7, "map", "", importRelu},
    {"Selu", 7, "map", "", importSelu},
    {"Shrink", 9, "map", "", importShrink},
    {"Sigmoid", 7, "map", "", importSigmoid},
    {"Softplus", 7, "map", "", importSoftplus},
    {"Softsign", 7, "map", "", importSoftsign},
    {"Swish", 24, "map", "", importSwish},
    {"ThresholdedRelu", 10, "map", "", importThresholdedRelu},
};
} // namespace

OpFamily activationOps() { return {"Activation functions", rows}; }

} // namespace hybridc::import
