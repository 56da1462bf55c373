//===- Control.cpp - If, Loop, Scan ---------------------------------------===//

#include "Loops.h"

#include "../Importer.h"
#include "../Table.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace hybridc::import {
namespace {

/// Turns of a loop that is unrolled because its state changes its shape.
constexpr int64_t maxUnrolled = 128;

const onnx::GraphProto &graphAttr(Node &n, const char *name) {
  const auto *attribute = n.find(name);
  if (!attribute || !attribute->has_g())
    n.invalid(fmt::format("the graph {} is missing", name));
  return attribute->g();
}

/// A condition as a tensor<i1>.
Value conditionOf(Node &n, Value condition) {
  if (!Node::elem(condition).isInteger(1) ||
      Node::typeOf(condition).getNumElements() != 1)
    n.invalid("a condition must be one bool");
  return n.reshape(condition, {});
}

Value extract(Node &n, Value condition) {
  return tensor::ExtractOp::create(n.b, n.loc, condition, ValueRange{});
}

//===----------------------------------------------------------------------===//
// If
//===----------------------------------------------------------------------===//

/// A branch, or why it is not valid for the extents at hand.
struct Branch {
  Region region;
  SmallVector<Value> results;
  std::string failure;
};

/// A branch whose condition is known only at run time. Models that take inputs
/// of several extents have branches that fit one of them each: a branch that
/// does not fit is no error as long as it is not taken.
void importBranch(Node &n, const char *name, Branch &branch) {
  OpBuilder::InsertionGuard guard(n.b);
  n.b.setInsertionPointToEnd(&branch.region.emplaceBlock());
  int depth = n.importer.depth;
  try {
    branch.results =
        n.importer.importGraph(graphAttr(n, name), &n.scope, n.frame, {});
    scf::YieldOp::create(n.b, n.loc, branch.results);
  } catch (const Failure &failure) {
    if (failure.error.code != ExitCode::InvalidInput)
      throw;
    n.importer.depth = depth;
    branch.failure = failure.error.message;
  }
}

/// In place of a branch that is not valid: ends the run when it is taken.
void refuseBranch(Node &n, const char *name, Branch &branch, Value condition,
                  bool taken, ArrayRef<Value> like) {
  std::string reason = fmt::format(
      "the {} of '{}' was taken, which is not valid for the input extents "
      "that the program was compiled for ({})",
      name, n.name, branch.failure);
  n.importer.remarks.push_back(fmt::format(
      "warning: the {} of node '{}' is not valid for these input extents and "
      "ends the run if it is taken: {}",
      name, n.name, branch.failure));
  Region region;
  OpBuilder::InsertionGuard guard(n.b);
  n.b.setInsertionPointToEnd(&region.emplaceBlock());
  for (Value value : like)
    branch.results.push_back(n.host("refuse_when", condition,
                                    Node::typeOf(value),
                                    {n.named("reason", llvm::StringRef(reason)),
                                     n.named("value", int64_t(taken))})[0]);
  scf::YieldOp::create(n.b, n.loc, branch.results);
  branch.region.takeBody(region);
}

void importIf(Node &n) {
  Value condition = conditionOf(n, n.in(0));
  if (auto known = Node::constantScalar(condition)) {
    Items results = n.importer.importItems(
        graphAttr(n, known->i ? "then_branch" : "else_branch"), &n.scope,
        n.frame, {});
    for (auto [i, item] : llvm::enumerate(results))
      n.outItem(static_cast<int>(i), std::move(item));
    return;
  }
  Branch yes, no;
  importBranch(n, "then_branch", yes);
  importBranch(n, "else_branch", no);
  if (!yes.failure.empty() && !no.failure.empty())
    failInvalid("{}", yes.failure);
  if (!yes.failure.empty())
    refuseBranch(n, "then_branch", yes, condition, true, no.results);
  else if (!no.failure.empty())
    refuseBranch(n, "else_branch", no, condition, false, yes.results);
  if (yes.results.size() != no.results.size())
    n.invalid("the branches have different numbers of outputs");
  SmallVector<Type> types;
  for (auto [i, pair] : llvm::enumerate(llvm::zip(yes.results, no.results))) {
    auto [a, c] = pair;
    if (a.getType() != c.getType()) {
      std::string text;
      llvm::raw_string_ostream(text)
          << "output " << i << " is " << a.getType() << " in one branch and "
          << c.getType() << " in the other, and which is taken is known only "
          << "at run time; branches of the same type, or a condition that is "
          << "known (--value INPUT=V) would help";
      n.unsupported(text);
    }
    types.push_back(a.getType());
  }
  auto op = scf::IfOp::create(n.b, n.loc, types, extract(n, condition),
                              /*withElseRegion=*/true);
  op.getThenRegion().takeBody(yes.region);
  op.getElseRegion().takeBody(no.region);
  for (auto [i, value] : llvm::enumerate(op.getResults()))
    n.out(static_cast<int>(i), value);
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

class Loop {
public:
  Loop(Node &n) : n(n), body(graphAttr(n, "body")) {
    if (Value given = n.inOrNull(0)) {
      count = n.reshape(given, {});
      if (auto known = Node::constantScalar(count))
        turns = std::max<int64_t>(known->i, 0);
    } else {
      endless = true;
    }
    if (Value given = n.inOrNull(1)) {
      condition = conditionOf(n, given);
      if (auto known = Node::constantScalar(condition))
        starts = known->i != 0;
    } else {
      starts = true;
    }
    for (int i = 2; i < n.numInputs(); ++i) {
      items.push_back(n.inItem(i));
      if (!items.back().sequence)
        states.push_back(items.back().value);
    }
    if (body.input_size() != static_cast<int>(items.size()) + 2 ||
        body.output_size() < static_cast<int>(items.size()) + 1)
      n.invalid("the body's inputs and outputs do not match the loop's");
  }

  void run() {
    if (starts && !*starts)
      turns = 0;
    std::string reason = "the number of turns is known only at run time";
    bool hasSequences = states.size() != items.size();
    std::optional<Items> results;
    if (!hasSequences && turns && starts)
      results = asItems(counted(reason));
    if (!results && starts && (turns || endless))
      results = unrolled();
    if (!results && hasSequences)
      n.unsupported(fmt::format(
          "carries a sequence from turn to turn, and its turns are not known "
          "at compile time, or more than {}; tensors in its place would help",
          maxUnrolled));
    if (!results)
      results = asItems(conditional(reason));
    for (auto [i, item] : llvm::enumerate(*results))
      n.outItem(static_cast<int>(i), std::move(item));
  }

private:
  Node &n;
  const onnx::GraphProto &body;
  Value count, condition;
  bool endless = false;
  std::optional<int64_t> turns;
  std::optional<bool> starts;
  Items items;
  SmallVector<Value> states; ///< those items that are tensors

  static std::optional<Items>
  asItems(const std::optional<SmallVector<Value>> &values) {
    return values ? std::optional(Items(values->begin(), values->end()))
                  : std::nullopt;
  }

  Value truth() { return n.splat({}, n.b.getI1Type(), 1); }

  /// The body's outputs: the condition, the states, what is collected.
  SmallVector<Value> importBody(Value number, ArrayRef<Value> current) {
    SmallVector<Value> inputs{number, truth()};
    llvm::append_range(inputs, current);
    return n.importer.importGraph(body, &n.scope, n.frame, inputs);
  }

  Value next(Value number) {
    return n.map(Node::typeOf(number), number, [](Scalars &s, ValueRange v) {
      return s.add(v[0], s.like(v[0], 1));
    });
  }

  /// scf.for: a fixed number of turns and a condition that stays true. The
  /// number of the turn is a state of its own, a tensor like all others.
  std::optional<SmallVector<Value>> counted(std::string &reason) {
    SmallVector<Value> all{n.splat({}, n.i64(), 0)};
    llvm::append_range(all, states);
    bool stays = true;
    auto turn = [&](const Turn &, ArrayRef<Value> current) {
      SmallVector<Value> outputs = importBody(current[0], current.drop_front());
      auto known = Node::constantScalar(outputs[0]);
      stays &= known && known->i;
      Step step;
      step.states.push_back(next(current[0]));
      for (size_t i = 1; i < outputs.size(); ++i) {
        if (i <= states.size())
          step.states.push_back(outputs[i]);
        else
          step.collected.push_back({outputs[i]});
      }
      return step;
    };
    auto results = buildLoop(n, *turns, all, turn, reason);
    if (!stays && *turns > 0) {
      reason = "its condition is known only at run time";
      return std::nullopt;
    }
    if (results)
      results->erase(results->begin());
    return results;
  }

  /// Turn by turn, as long as the condition is known.
  std::optional<Items> unrolled() {
    int64_t most = turns ? *turns : maxUnrolled + 1;
    if (turns && *turns > maxUnrolled)
      return std::nullopt;
    Items current(items);
    size_t scans = body.output_size() - 1 - items.size();
    std::vector<SmallVector<Value>> parts(scans);
    bool going = true;
    for (int64_t i = 0; i < most && going; ++i) {
      if (i == maxUnrolled)
        return std::nullopt;
      Items inputs{n.reshape(n.ints(i), {}), truth()};
      llvm::append_range(inputs, current);
      Items outputs =
          n.importer.importItems(body, &n.scope, n.frame, std::move(inputs));
      auto known = outputs[0].sequence ? std::nullopt
                                       : Node::constantScalar(outputs[0].value);
      if (!known)
        return std::nullopt;
      going = known->i != 0;
      current.assign(outputs.begin() + 1,
                     outputs.begin() + 1 + static_cast<long>(items.size()));
      for (size_t j = 0; j < scans; ++j) {
        if (outputs[1 + items.size() + j].sequence)
          n.invalid("a scan output is a sequence");
        parts[j].push_back(n.withAxis(outputs[1 + items.size() + j].value, 0));
      }
    }
    for (auto &part : parts) {
      if (part.empty())
        return std::nullopt;
      current.push_back(Item(n.concat(part, 0)));
    }
    return current;
  }

  /// scf.while: the condition, the turn's number and the states go round.
  SmallVector<Value> conditional(const std::string &reason) {
    if (body.output_size() > static_cast<int>(states.size()) + 1)
      n.unsupported("collects values of each turn (scan outputs), but " +
                    reason +
                    ": the size of the result is not known; a "
                    "constant trip count would help");
    OpBuilder &b = n.b;
    SmallVector<Value> initial{condition ? condition : truth(),
                               n.splat({}, n.i64(), 0)};
    llvm::append_range(initial, states);
    SmallVector<Type> types(ValueRange(initial).getTypes());
    SmallVector<Location> locs(types.size(), n.loc);
    Region before, after;
    std::optional<OpBuilder::InsertionGuard> guard(b);
    Block &test = before.emplaceBlock();
    test.addArguments(types, locs);
    b.setInsertionPointToEnd(&test);
    Value go = test.getArgument(0);
    if (!endless)
      go = n.map(n.tensor({}, b.getI1Type()), {test.getArgument(1), count, go},
                 [](Scalars &s, ValueRange v) {
                   return s.logicalAnd(s.lt(v[0], v[1]), v[2]);
                 });
    scf::ConditionOp::create(b, n.loc, extract(n, go), test.getArguments());
    Block &turn = after.emplaceBlock();
    turn.addArguments(types, locs);
    b.setInsertionPointToEnd(&turn);
    SmallVector<Value> current(turn.getArguments().drop_front(2));
    SmallVector<Value> outputs = importBody(turn.getArgument(1), current);
    SmallVector<Value> yielded{conditionOf(n, outputs[0]),
                               next(turn.getArgument(1))};
    for (size_t i = 0; i < states.size(); ++i) {
      if (outputs[1 + i].getType() != states[i].getType())
        n.unsupported(fmt::format(
            "state {} changes its type from turn to turn, and {}; a state of "
            "one type or a constant trip count would help",
            i, reason));
      yielded.push_back(outputs[1 + i]);
    }
    scf::YieldOp::create(b, n.loc, yielded);
    guard.reset(); // back to where the loop stands
    auto loop = scf::WhileOp::create(b, n.loc, types, initial);
    loop.getBefore().takeBody(before);
    loop.getAfter().takeBody(after);
    return SmallVector<Value>(loop.getResults().drop_front(2));
  }
};

void importLoop(Node &n) { Loop(n).run(); }

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

void importScan(Node &n) {
  if (n.opset < 9)
    n.unsupported("Scan of opset 8 has a batch dimension of its own; convert "
                  "the model to opset 9 or later");
  const auto &body = graphAttr(n, "body");
  int scanned = static_cast<int>(n.intAttr("num_scan_inputs", 0));
  int count = n.numInputs() - scanned;
  int collected = body.output_size() - count;
  if (scanned < 1 || count < 0 || collected < 0 ||
      body.input_size() != n.numInputs())
    n.invalid("the body's inputs and outputs do not match the node's");
  auto entriesOf = [&](const char *name, int entries) {
    Ints values = n.intsAttr(name);
    if (values.empty())
      values.assign(entries, 0);
    if (static_cast<int>(values.size()) != entries)
      n.invalid(fmt::format("{} must have {} entries", name, entries));
    return values;
  };
  Ints inAxes = entriesOf("scan_input_axes", scanned);
  Ints inBack = entriesOf("scan_input_directions", scanned);
  Ints outAxes = entriesOf("scan_output_axes", collected);
  Ints outBack = entriesOf("scan_output_directions", collected);
  SmallVector<Value> states, sources;
  for (int i = 0; i < count; ++i)
    states.push_back(n.in(i));
  int64_t turns = -1;
  for (int i = 0; i < scanned; ++i) {
    sources.push_back(n.in(count + i));
    if (Node::rankOf(sources[i]) == 0)
      n.invalid("a scan input is a scalar");
    inAxes[i] = n.axisOf(inAxes[i], Node::rankOf(sources[i]));
    int64_t extent = Node::shapeOf(sources[i])[inAxes[i]];
    if (turns >= 0 && extent != turns)
      n.invalid("scan inputs have different lengths");
    turns = extent;
  }
  auto turn = [&](const Turn &at, ArrayRef<Value> current) {
    SmallVector<Value> inputs(current);
    for (int i = 0; i < scanned; ++i)
      inputs.push_back(pick(n, at, sources[i], inAxes[i], inBack[i] != 0));
    SmallVector<Value> outputs =
        n.importer.importGraph(body, &n.scope, n.frame, inputs);
    Step step;
    step.states.assign(outputs.begin(), outputs.begin() + count);
    for (int i = 0; i < collected; ++i) {
      Value value = outputs[count + i];
      step.collected.push_back({value,
                                n.axisOf(outAxes[i], Node::rankOf(value) + 1),
                                outBack[i] != 0});
    }
    return step;
  };
  std::string reason;
  auto results = buildLoop(n, turns, states, turn, reason);
  if (!results)
    n.unsupported(reason);
  for (auto [i, value] : llvm::enumerate(*results))
    n.out(static_cast<int>(i), value);
}

const OpRow rows[] = {
    {"If", 7, "the branch taken, or scf.if",
     "branches of different types on a condition known only at run time",
     importIf},
    {"Loop", 7, "scf.for, scf.while, or unrolled",
     "scan outputs or changing shapes when the number of turns is known only "
     "at run time",
     importLoop},
    {"Scan", 9, "scf.for", "the form of opset 8", importScan},
};
} // namespace

OpFamily controlOps() { return {"Control flow", rows}; }

} // namespace hybridc::import
