//===- Evaluate.cpp - Running one op at compile time ----------------------===//
#include "Evaluate.h"

#include "hybridc/Dialect/Hyb/IR/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"
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

/// The offset is the caller's business.
stream::View viewOf(RankedTensorType type, const Strided &lies) {
  stream::View view;
  view.type = dtypeOf(type);
  view.shape.assign(lies.shape.begin(), lies.shape.end());
  view.strides.assign(lies.strides.begin(), lies.strides.end());
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
  std::string runCommandOp(CommandOpInterface commandOp);

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
    stream::View from = viewOf(type, move.from), to = viewOf(type, move.to);
    int64_t offset = move.from.offset;
    if (input.isSplat) {
      from.strides.assign(from.shape.size(), 0);
      offset = 0;
    }
    command.ins.push_back(from);
    command.outs.push_back(to);
    const void *in = input.data + offset * int64_t(size);
    void *target = out + move.to.offset * int64_t(size);
    if (Status status = exec::runCommand(command, {&in, 1}, {&target, 1});
        !status)
      return status.error().message;
  }
  return {};
}

std::string Evaluator::runCommandOp(CommandOpInterface commandOp) {
  stream::Command command;
  std::optional<stream::VecProgram> program;
  {
    // What cannot be folded is reported where it is lowered.
    ScopedDiagnosticHandler quiet(op->getContext(),
                                  [](Diagnostic &) { return success(); });
    if (failed(commandOp.setCommand(command)))
      return "its attributes are no command's";
    auto built = commandOp.buildProgram();
    if (failed(built))
      return "no vector program computes it";
    program = std::move(*built);
    if (program)
      setInts(command, "program", 0);
  }
  SmallVector<Strided, 2> operands;
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    auto type = cast<RankedTensorType>(operand.getType());
    operands.push_back(Strided::dense(type.getShape()));
    // Vector programs read one element as often as they like.
    if (!program)
      expand(inputs[i], type);
    else if (inputs[i].isSplat)
      operands.back().strides.assign(type.getRank(), 0);
  }
  if (auto tileable = dyn_cast<TileableOpInterface>(op))
    tileable.arrangeOperands(
        operands, Strided::dense(tensorTypeOf(op->getResult(0)).getShape()));
  for (auto [operand, lies] : llvm::zip(op->getOperands(), operands))
    command.ins.push_back(viewOf(tensorTypeOf(operand), lies));
  SmallVector<const void *> ins;
  for (const HostTensor &input : inputs)
    ins.push_back(input.data);
  SmallVector<void *> outs;
  for (auto [output, result] : llvm::zip(outputs, op->getResults())) {
    auto type = tensorTypeOf(result);
    command.outs.push_back(viewOf(type, Strided::dense(type.getShape())));
    outs.push_back(output.data());
  }
  const stream::VecProgram *vec = program ? &*program : nullptr;
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
    else if (auto command = dyn_cast<CommandOpInterface>(op))
      error = runCommandOp(command);
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
