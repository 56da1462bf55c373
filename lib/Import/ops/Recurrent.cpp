//===- Recurrent.cpp - LSTM, GRU, RNN -------------------------------------===//
//
// The product with the inputs is one matmul over all time steps; the loop over
// time does the product with the state and the gates. With `layout` 1 inputs
// and results are transposed around the same thing.
//
//===----------------------------------------------------------------------===//

#include "Activations.h"
#include "Loops.h"

#include "../Table.h"

using namespace mlir;

namespace hybridc::import {
namespace {

/// What LSTM, GRU and RNN have in common. Inside, a direction at a time:
/// x[T,B,I], states [B,H], weights [I,G*H] and [H,G*H] for G gates.
class Recurrent {
public:
  Recurrent(Node &n, int64_t gates, ArrayRef<const char *> defaults)
      : n(n), gates(gates) {
    direction = n.stringAttr("direction", "forward");
    if (direction != "forward" && direction != "reverse" &&
        direction != "bidirectional")
      n.invalid("direction is '" + direction + "'");
    directions = direction == "bidirectional" ? 2 : 1;
    batchFirst = n.intAttr("layout", 0) != 0;
    x = n.in(0);
    if (Node::rankOf(x) != 3 || !Node::isFloat(x))
      n.invalid("X must be a float tensor of rank 3");
    if (batchFirst)
      x = n.transpose(x, {1, 0, 2});
    steps = Node::shapeOf(x)[0];
    batch = Node::shapeOf(x)[1];
    inputs = Node::shapeOf(x)[2];
    Value w = n.in(1), r = n.in(2);
    if (Node::rankOf(r) != 3)
      n.invalid("R must have rank 3");
    hidden = Node::shapeOf(r)[2];
    expectShape(w, {directions, gates * hidden, inputs}, "W");
    expectShape(r, {directions, gates * hidden, hidden}, "R");
    if (n.has(3))
      expectShape(n.in(3), {directions, 2 * gates * hidden}, "B");
    if (n.hasAttr("hidden_size") && n.intAttr("hidden_size", 0) != hidden)
      n.invalid("hidden_size differs from R's");
    if (steps < 1)
      n.unsupported("a sequence without steps");
    clip = n.floatAttr("clip", 0);
    readLengths();
    readActivations(defaults);
  }

  Node &n;
  int64_t gates, directions, steps, batch, inputs, hidden;
  std::string direction;
  bool batchFirst;
  double clip;
  Value x;
  std::vector<std::vector<Activation>> activations; ///< by direction

  bool reversed(int64_t d) const { return d == 1 || direction == "reverse"; }

  void expectShape(Value v, ArrayRef<int64_t> shape, const char *name) {
    if (Node::shapeOf(v) != shape)
      n.invalid(std::string(name) + " has the wrong shape");
    if (Node::elem(v) != Node::elem(x))
      n.invalid(std::string(name) + " has another element type than X");
  }

  /// One direction of a weight.
  Value of(Value v, int64_t d) {
    return n.reshape(n.sliceAxis(v, 0, d, 1), Node::shapeOf(v).drop_front());
  }
  /// [.., from * H .. (from + count) * H]
  Value gate(Value v, int64_t from, int64_t count = 1) {
    return n.sliceAxis(v, Node::rankOf(v) - 1, from * hidden, count * hidden);
  }

  /// The initial state of input `i`: [B,H].
  Value initial(int i, int64_t d) {
    if (!n.has(i))
      return n.splat({batch, hidden}, Node::elem(x), 0);
    Value all = n.in(i);
    if (batchFirst && Node::rankOf(all) == 3)
      all = n.transpose(all, {1, 0, 2});
    expectShape(all, {directions, batch, hidden}, "an initial state");
    return of(all, d);
  }

  Value recurrentWeights(int64_t d) {
    return n.transpose(of(n.in(2), d), {1, 0});
  }
  /// The bias of W (`which` 0) or R (1): [G*H], or null.
  Value bias(int which, int64_t d) {
    if (!n.has(3))
      return {};
    return gate(of(n.in(3), d), which * gates, gates);
  }

  /// Both, where they may be added beforehand.
  Value biases(int64_t d) {
    return n.has(3) ? n.add(bias(0, d), bias(1, d)) : Value();
  }

  /// x · W + bias for all steps: [T,B,G*H].
  Value projected(int64_t d, Value added) {
    Value source = flips(d) ? flipped(x) : x;
    Value flat = n.reshape(source, {steps * batch, inputs});
    Value z = n.matmul(flat, n.transpose(of(n.in(1), d), {1, 0}));
    if (added)
      z = n.add(z, added);
    return n.reshape(z, {steps, batch, gates * hidden});
  }

  /// An activation as an element-wise body, after clipping.
  Value activate(Scalars &s, Value v, const Activation &function) {
    if (clip > 0)
      v = s.min(s.max(v, s.like(v, -clip)), s.like(v, clip));
    return function(s, v);
  }

  /// Runs one direction. `body` gets the step's part of `z` and the states
  /// (H first) and gives the next ones. Gives Y[T,B,H] and the last states.
  using Cell =
      std::function<SmallVector<Value>(Value z, ArrayRef<Value> states)>;
  SmallVector<Value> run(int64_t d, Value z, ArrayRef<Value> states,
                         const Cell &cell) {
    bool back = reversed(d) && !lengths;
    auto turn = [&](const Turn &at, ArrayRef<Value> current) {
      Step step;
      step.states =
          cell(pick(n, at, z, 0, back), current.take_front(states.size()));
      Value y = step.states[0];
      if (lengths) {
        Value time = current.back();
        y = within(time, y, n.splat({}, Node::elem(x), 0));
        for (auto [next, before] : llvm::zip(step.states, current))
          next = within(time, next, before);
        step.states.push_back(
            n.map(Node::typeOf(time), time, [](Scalars &s, ValueRange v) {
              return s.add(v[0], s.like(v[0], 1));
            }));
      }
      if (n.wants(0))
        step.collected.push_back({y, 0, back});
      return step;
    };
    SmallVector<Value> initial(states);
    if (lengths)
      initial.push_back(n.splat({}, n.i64(), 0));
    std::string reason;
    auto results = buildLoop(n, steps, initial, turn, reason);
    if (!results)
      n.invalid(reason);
    if (lengths)
      results->erase(results->begin() + static_cast<long>(states.size()));
    if (flips(d) && n.wants(0))
      results->back() = flipped(results->back());
    return *results;
  }

  /// Joins the directions' results to the node's outputs. Each holds the last
  /// states and, when wanted, Y.
  void finish(ArrayRef<SmallVector<Value>> results, size_t states) {
    for (size_t i = 0; i < states; ++i) {
      SmallVector<Value> parts;
      for (const auto &result : results)
        parts.push_back(n.reshape(result[i], {1, batch, hidden}));
      Value all = n.concat(parts, 0);
      n.out(static_cast<int>(1 + i),
            batchFirst ? n.transpose(all, {1, 0, 2}) : all);
    }
    if (!n.wants(0))
      return;
    SmallVector<Value> parts;
    for (const auto &result : results)
      parts.push_back(n.reshape(result[states], {steps, 1, batch, hidden}));
    Value all = n.concat(parts, 1);
    n.out(0, batchFirst ? n.transpose(all, {2, 0, 1, 3}) : all);
  }

private:
  Value lengths; ///< [B], i64; null when all sequences are full

  void readLengths() {
    if (!n.has(4))
      return;
    Value given = n.in(4);
    if (Node::shapeOf(given) != ArrayRef<int64_t>(batch))
      n.invalid("sequence_lens must have one entry for each sequence");
    auto known = Node::constantInts(given);
    if (known && llvm::all_of(*known, [&](int64_t l) { return l == steps; }))
      return;
    lengths = n.cast(given, n.i64());
  }

  /// Sequences of their own length run backwards as reversed ones forwards.
  bool flips(int64_t d) const { return lengths && reversed(d); }
  Value flipped(Value v) {
    return n.host("reverse_sequence", {v, lengths}, Node::typeOf(v),
                  {n.named("batch_axis", int64_t(1)),
                   n.named("time_axis", int64_t(0))})[0];
  }

  /// `now` in sequences that are still running at `time`, else `after`.
  Value within(Value time, Value now, Value after) {
    int64_t rank = Node::rankOf(now);
    AffineMap none = AffineMap::get(rank, 0, {}, n.b.getContext());
    return n.map(Node::typeOf(now), {now, after, time, lengths},
                 {n.identity(rank),
                  Node::rankOf(after) ? n.identity(rank) : none, none,
                  n.along(0, rank)},
                 [](Scalars &s, ValueRange v) {
                   return s.select(s.lt(v[2], v[3]), v[0], v[1]);
                 });
  }

  void readActivations(ArrayRef<const char *> defaults) {
    std::vector<std::string> names = n.stringsAttr("activations");
    size_t each = defaults.size();
    if (names.empty())
      for (int64_t d = 0; d < directions; ++d)
        names.insert(names.end(), defaults.begin(), defaults.end());
    if (names.size() != each * static_cast<size_t>(directions))
      n.invalid(fmt::format("activations must have {} entries",
                            each * static_cast<size_t>(directions)));
    std::vector<double> alphas = n.floatsAttr("activation_alpha");
    std::vector<double> betas = n.floatsAttr("activation_beta");
    size_t nextAlpha = 0, nextBeta = 0;
    activations.resize(static_cast<size_t>(directions));
    for (size_t i = 0; i < names.size(); ++i) {
      llvm::StringRef name = names[i];
      // Only functions with a parameter take one from the list.
      double alpha = name.equals_insensitive("LeakyRelu")     ? 0.01
                     : name.equals_insensitive("HardSigmoid") ? 0.2
                                                              : 1;
      double beta = name.equals_insensitive("HardSigmoid")  ? 0.5
                    : name.equals_insensitive("ScaledTanh") ? 1
                                                            : 0;
      auto isOne = [&](ArrayRef<const char *> others) {
        return llvm::any_of(others, [&](const char *other) {
          return name.equals_insensitive(other);
        });
      };
      if (isOne({"LeakyRelu", "ThresholdedRelu", "Elu", "Affine", "ScaledTanh",
                 "HardSigmoid"}) &&
          nextAlpha < alphas.size())
        alpha = alphas[nextAlpha++];
      if (isOne({"Affine", "ScaledTanh", "HardSigmoid"}) &&
          nextBeta < betas.size())
        beta = betas[nextBeta++];
      auto function = activationByName(name, alpha, beta);
      if (!function)
        n.unsupported("the activation '" + names[i] + "' is unknown");
      activations[i / each].push_back(*function);
    }
  }
};

//===----------------------------------------------------------------------===//
// LSTM
//===----------------------------------------------------------------------===//

/// Gates in the order i, o, f, c; peepholes i, o, f.
void importLstm(Node &n) {
  Recurrent cell(n, 4, {"Sigmoid", "Tanh", "Tanh"});
  bool coupled = n.intAttr("input_forget", 0) != 0;
  std::vector<SmallVector<Value>> results;
  for (int64_t d = 0; d < cell.directions; ++d) {
    Value z = cell.projected(d, cell.biases(d)),
          weights = cell.recurrentWeights(d);
    Value peepI, peepO, peepF;
    if (n.has(7)) {
      cell.expectShape(n.in(7), {cell.directions, 3 * cell.hidden}, "P");
      Value peep = cell.of(n.in(7), d);
      peepI = cell.gate(peep, 0);
      peepO = cell.gate(peep, 1);
      peepF = cell.gate(peep, 2);
    }
    const auto &f = cell.activations[static_cast<size_t>(d)];
    auto body = [&](Value part, ArrayRef<Value> states) -> SmallVector<Value> {
      Value c = states[1];
      Value sum = n.add(part, n.matmul(states[0], weights));
      SmallVector<Value> inputs{cell.gate(sum, 0), cell.gate(sum, 2),
                                cell.gate(sum, 3), c};
      if (peepI)
        inputs.append({peepI, peepF});
      Value nextC = n.mapWide(inputs, [&](Scalars &s, ValueRange v) {
        Value preI = v[0], preF = v[1];
        if (peepI) {
          preI = s.add(preI, s.mul(v[4], v[3]));
          preF = s.add(preF, s.mul(v[5], v[3]));
        }
        Value input = cell.activate(s, preI, f[0]);
        Value forget = coupled ? s.sub(s.like(input, 1), input)
                               : cell.activate(s, preF, f[0]);
        Value fresh = cell.activate(s, v[2], f[1]);
        return s.add(s.mul(forget, v[3]), s.mul(input, fresh));
      });
      SmallVector<Value> outputs{cell.gate(sum, 1), nextC};
      if (peepO)
        outputs.push_back(peepO);
      Value nextH = n.mapWide(outputs, [&](Scalars &s, ValueRange v) {
        Value pre = peepO ? s.add(v[0], s.mul(v[2], v[1])) : v[0];
        return s.mul(cell.activate(s, pre, f[0]), f[2](s, v[1]));
      });
      return {nextH, nextC};
    };
    results.push_back(
        cell.run(d, z, {cell.initial(5, d), cell.initial(6, d)}, body));
  }
  cell.finish(results, 2);
}

//===----------------------------------------------------------------------===//
// GRU
//===----------------------------------------------------------------------===//

/// Gates in the order z (update), r (reset), h.
void importGru(Node &n) {
  Recurrent cell(n, 3, {"Sigmoid", "Tanh"});
  bool linear = n.intAttr("linear_before_reset", 0) != 0;
  std::vector<SmallVector<Value>> results;
  for (int64_t d = 0; d < cell.directions; ++d) {
    Value wBias = cell.bias(0, d), rBias = cell.bias(1, d), added = wBias;
    Value hiddenBias; // of R's h gate, when the reset gate multiplies it
    if (rBias && linear) {
      hiddenBias = cell.gate(rBias, 2);
      Value zero = n.splat(cell.hidden, Node::elem(cell.x), 0);
      added = n.add(wBias, n.concat({cell.gate(rBias, 0, 2), zero}, 0));
    } else if (rBias) {
      added = n.add(wBias, rBias);
    }
    Value z = cell.projected(d, added), weights = cell.recurrentWeights(d);
    Value gateWeights = linear ? weights : cell.gate(weights, 0, 2);
    Value hiddenWeights = linear ? Value() : cell.gate(weights, 2);
    const auto &f = cell.activations[static_cast<size_t>(d)];
    auto body = [&](Value part, ArrayRef<Value> states) -> SmallVector<Value> {
      Value h = states[0], product = n.matmul(h, gateWeights);
      auto gateOf = [&](int64_t i) {
        return n.mapWide({cell.gate(part, i), cell.gate(product, i)},
                         [&](Scalars &s, ValueRange v) {
                           return cell.activate(s, s.add(v[0], v[1]), f[0]);
                         });
      };
      Value update = gateOf(0), reset = gateOf(1);
      SmallVector<Value> inputs{cell.gate(part, 2), update, h};
      if (linear) {
        inputs.append({cell.gate(product, 2), reset});
        if (hiddenBias)
          inputs.push_back(hiddenBias);
      } else {
        inputs.push_back(n.matmul(n.mul(reset, h), hiddenWeights));
      }
      Value next = n.mapWide(inputs, [&](Scalars &s, ValueRange v) {
        Value recurrent = v[3];
        if (linear && hiddenBias)
          recurrent = s.add(recurrent, v[5]);
        if (linear)
          recurrent = s.mul(v[4], recurrent);
        Value fresh = cell.activate(s, s.add(v[0], recurrent), f[1]);
        Value keep = s.mul(v[1], v[2]);
        return s.add(s.mul(s.sub(s.like(v[1], 1), v[1]), fresh), keep);
      });
      return {next};
    };
    results.push_back(cell.run(d, z, cell.initial(5, d), body));
  }
  cell.finish(results, 1);
}

//===----------------------------------------------------------------------===//
// RNN
//===----------------------------------------------------------------------===//

void importRnn(Node &n) {
  Recurrent cell(n, 1, {"Tanh"});
  std::vector<SmallVector<Value>> results;
  for (int64_t d = 0; d < cell.directions; ++d) {
    Value z = cell.projected(d, cell.biases(d)),
          weights = cell.recurrentWeights(d);
    const auto &f = cell.activations[static_cast<size_t>(d)];
    auto body = [&](Value part, ArrayRef<Value> states) -> SmallVector<Value> {
      return {n.mapWide({part, n.matmul(states[0], weights)},
                        [&](Scalars &s, ValueRange v) {
                          return cell.activate(s, s.add(v[0], v[1]), f[0]);
                        })};
    };
    results.push_back(cell.run(d, z, cell.initial(5, d), body));
  }
  cell.finish(results, 1);
}

const OpRow rows[] = {
    {"GRU", 7, "matmul, scf.for of matmul and map", "", importGru},
    {"LSTM", 7, "matmul, scf.for of matmul and map", "", importLstm},
    {"RNN", 7, "matmul, scf.for of matmul and map", "", importRnn},
};
} // namespace

OpFamily recurrentOps() { return {"Recurrent layers", rows}; }

} // namespace hybridc::import
