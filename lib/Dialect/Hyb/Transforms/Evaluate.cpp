//===- Evaluate.cpp - Running one op at compile time ----------------------===//
#include "Evaluate.h"
#include "Utils.h"

#include "hybridc/Conversion/Commands.h"
#include "hybridc/Conversion/Movement.h"
#include "hybridc/Kernels/Kernels.h"

#include "mlir/IR/Diagnostics.h"

#include <cstring>
#include <vector>

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

namespace {

/// Row-major elements on the host: a bool is a byte, a splat is one element.
struct HostTensor {
  std::vector<char> owned;
  const char *data = nullptr;
  bool isSplat = false;
};

/// Steps that folding one op may take; more is left to the program.
constexpr double kMaxWork = 4e9;

bool load(ElementsAttr value, HostTensor &host) {
  unsigned size = stream::sizeOf(dtypeOf(value.getElementType()));
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    std::optional<ArrayRef<char>> bytes = bytesOf(resource);
    if (!bytes || bytes->size() != size_t(value.getNumElements()) * size)
      return false;
    host.data = bytes->data();
    return true;
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return false;
  host.isSplat = dense.isSplat();
  if (value.getElementType().isInteger(1)) {
    if (host.isSplat)
      host.owned.push_back(dense.getSplatValue<bool>());
    else
      for (bool element : dense.getValues<bool>())
        host.owned.push_back(element);
    host.data = host.owned.data();
    return true;
  }
  host.data = dense.getRawData().data();
  return dense.getRawData().size() ==
         (host.isSplat ? 1 : size_t(value.getNumElements())) * size;
}

stream::View viewOf(RankedTensorType type) {
  stream::View view;
  view.type = dtypeOf(type);
  view.shape.assign(type.getShape().begin(), type.getShape().end());
  view.strides = stream::rowMajorStrides(view.shape);
  return view;
}

/// Repeats a splat, for commands that want real elements.
void expand(HostTensor &host, RankedTensorType type) {
  if (!host.isSplat)
    return;
  size_t size = stream::sizeOf(dtypeOf(type));
  std::vector<char> all(size * type.getNumElements());
  for (size_t at = 0; at < all.size(); at += size)
    std::memcpy(all.data() + at, host.data, size);
  host.owned = std::move(all);
  host.data = host.owned.data();
  host.isSplat = false;
}

class Evaluator {
public:
  Evaluator(Operation *op, ArrayRef<ElementsAttr> operands)
      : op(op), values(operands) {}

  std::string run(SmallVectorImpl<ElementsAttr> &results);

private:
  std::string runMovement(const Movement &movement);
  std::string runCommandOp();

  Operation *op;
  ArrayRef<ElementsAttr> values;
  std::vector<HostTensor> inputs;
  std::vector<std::vector<char>> outputs;
};

std::string Evaluator::runMovement(const Movement &movement) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  size_t size = stream::sizeOf(dtypeOf(type));
  char *out = outputs[0].data();
  if (movement.fillBits)
    for (size_t at = 0; at < outputs[0].size(); at += size)
      std::memcpy(out + at, &*movement.fillBits, size);
  for (const Move &move : movement.moves) {
    const HostTensor &input = inputs[move.operand];
    stream::Command command;
    stream::View from, to;
    from.type = to.type = dtypeOf(type);
    from.shape.assign(move.shape.begin(), move.shape.end());
    to.shape = from.shape;
    from.strides.assign(move.fromStrides.begin(), move.fromStrides.end());
    to.strides.assign(move.toStrides.begin(), move.toStrides.end());
    int64_t offset = move.fromOffset;
    if (input.isSplat) {
      from.strides.assign(from.shape.size(), 0);
      offset = 0;
    }
    command.ins.push_back(from);
    command.outs.push_back(to);
    const void *in = input.data + offset * int64_t(size);
    void *target = out + move.toOffset * int64_t(size);
    if (Status status = exec::runCommand(command, {&in, 1}, {&target, 1});
        !status)
      return status.error().message;
  }
  return {};
}

std::string Evaluator::runCommandOp() {
  stream::Command command;
  stream::VecProgram program;
  {
    // What cannot be folded is reported where it is lowered.
    ScopedDiagnosticHandler quiet(op->getContext(),
                                  [](Diagnostic &) { return success(); });
    if (failed(setAttributes(op, command)))
      return "its attributes are no command's";
    if (auto map = dyn_cast<MapOp>(op)) {
      FailureOr<stream::VecProgram> built = buildVecProgram(map);
      if (failed(built))
        return "no vector program computes it";
      program = std::move(*built);
      setInts(command, "program", 0);
    }
  }
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    auto type = cast<RankedTensorType>(operand.getType());
    stream::View view = viewOf(type);
    if (auto map = dyn_cast<MapOp>(op)) {
      auto result = cast<RankedTensorType>(map.getType());
      std::vector<int64_t> strides(result.getRank(), 0);
      if (!inputs[i].isSplat)
        for (auto [d, expr] :
             llvm::enumerate(map.getIndexingMaps()[i].getResults()))
          if (auto dim = dyn_cast<AffineDimExpr>(expr))
            strides[dim.getPosition()] += view.strides[d];
      view.shape.assign(result.getShape().begin(), result.getShape().end());
      view.strides = std::move(strides);
    } else {
      expand(inputs[i], type);
    }
    if (isa<MatmulOp>(op)) {
      // Batch dimensions broadcast by stride 0.
      auto result = cast<RankedTensorType>(op->getResult(0).getType());
      int64_t missing = result.getRank() - type.getRank();
      view.shape.insert(view.shape.begin(), missing, 1);
      view.strides.insert(view.strides.begin(), missing, 0);
      for (int64_t d = 0; d + 2 < result.getRank(); ++d)
        if (view.shape[d] != result.getDimSize(d)) {
          view.shape[d] = result.getDimSize(d);
          view.strides[d] = 0;
        }
    }
    command.ins.push_back(std::move(view));
  }
  SmallVector<const void *> ins;
  for (const HostTensor &input : inputs)
    ins.push_back(input.data);
  SmallVector<void *> outs;
  for (auto [output, result] : llvm::zip(outputs, op->getResults())) {
    command.outs.push_back(viewOf(cast<RankedTensorType>(result.getType())));
    outs.push_back(output.data());
  }
  const stream::VecProgram *vec = isa<MapOp>(op) ? &program : nullptr;
  if (exec::workOf(command, vec) > kMaxWork)
    return "it takes too long";
  Status status = exec::runCommand(command, {ins.data(), ins.size()},
                                   {outs.data(), outs.size()}, vec);
  return status ? std::string() : status.error().message;
}

std::string Evaluator::run(SmallVectorImpl<ElementsAttr> &results) {
  for (auto [value, operand] : llvm::zip(values, op->getOperands())) {
    if (!tryDTypeOf(operand.getType()))
      return "an operand has a type that no engine holds";
    inputs.emplace_back();
    if (!load(value, inputs.back()))
      return "the bytes of a weight are not there";
  }
  bool isEmpty = true;
  for (Value result : op->getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type || !tryDTypeOf(type))
      return "a result has a type that no engine holds";
    outputs.emplace_back(bytesOf(type));
    isEmpty &= type.getNumElements() == 0;
  }
  if (!isEmpty) {
    std::string error;
    if (std::optional<Movement> movement = movementOf(op))
      error = runMovement(*movement);
    else if (isCommand(op))
      error = runCommandOp();
    else
      error = "it is no command";
    if (!error.empty())
      return error;
  }
  for (auto [output, result] : llvm::zip(outputs, op->getResults()))
    results.push_back(
        constantFromBytes(cast<RankedTensorType>(result.getType()), output));
  return {};
}

} // namespace

/// The inside of a group, op by op.
static Evaluation evaluateGroup(GroupOp group,
                                ArrayRef<ElementsAttr> operands) {
  Evaluation evaluation;
  llvm::DenseMap<Value, ElementsAttr> values;
  for (auto [argument, value] :
       llvm::zip(group.getBlock().getArguments(), operands))
    values[argument] = value;
  for (Operation &op : group.getBlock().without_terminator()) {
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      values[constant] = constant.getValue();
      continue;
    }
    SmallVector<ElementsAttr> inner;
    for (Value operand : op.getOperands())
      inner.push_back(values.lookup(operand));
    Evaluation part = evaluate(&op, inner);
    if (part.results.size() != op.getNumResults())
      return part;
    for (auto [result, value] : llvm::zip(op.getResults(), part.results))
      values[result] = value;
  }
  for (Value yielded : group.getYield().getValues())
    evaluation.results.push_back(values.lookup(yielded));
  return evaluation;
}

Evaluation hybridc::hyb::evaluate(Operation *op,
                                  ArrayRef<ElementsAttr> operands) {
  if (auto group = dyn_cast<GroupOp>(op))
    return evaluateGroup(group, operands);
  Evaluation evaluation;
  evaluation.whyNot = Evaluator(op, operands).run(evaluation.results);
  return evaluation;
}
