//===- Alternatives.cpp - Where a group could run, at what cost -----------===//
#include "hybridc/Dialect/Hyb/Transforms/Alternatives.h"
#include "hybridc/Dialect/Hyb/IR/Commands.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

Value hybridc::hyb::traceConstant(Value value) {
  while (true) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      auto group = dyn_cast<GroupOp>(argument.getOwner()->getParentOp());
      if (!group)
        return {};
      value = group.getInputs()[argument.getArgNumber()];
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (isa<ConstantOp>(op))
      return value;
    if (isView(op) || isa<PackOp, UnpackOp>(op)) {
      value = op->getOperand(0);
      continue;
    }
    auto group = dyn_cast<GroupOp>(op);
    if (!group)
      return {};
    value =
        group.getYield().getOperand(cast<OpResult>(value).getResultNumber());
  }
}

//===----------------------------------------------------------------------===//
// What it costs
//===----------------------------------------------------------------------===//

namespace {

/// Adds up a group's commands: engines work at once, each for as long as it
/// has something to do, so the slowest one counts.
class Estimate {
public:
  explicit Estimate(const chip::Chip &chip) : chip(chip) {}

  void add(const chip::Work &work) {
    chip::Cost cost = chip::cost(chip, work);
    cycles[static_cast<unsigned>(work.kind)] += cost.cycles;
    latencyCycles = std::max(latencyCycles, cost.latencyCycles);
    energy += cost.totalEnergy_pj();
  }
  double latency_ns() const {
    uint64_t longest = 0;
    for (uint64_t each : cycles)
      longest = std::max(longest, each);
    return double(longest + latencyCycles) / chip.clock_ghz;
  }
  double energy_pj() const { return energy; }

private:
  const chip::Chip &chip;
  uint64_t cycles[8] = {};
  uint64_t latencyCycles = 0;
  double energy = 0;
};

} // namespace

static unsigned bitsOfFormat(StringRef format) {
  if (format == "i8" || format == "analog")
    return 8;
  if (format == "bf16" || format == "f16" || format == "i16")
    return 16;
  return format == "f64" || format == "i64" ? 64 : 32;
}

static std::string formatOf(Type type) {
  return std::string(stream::nameOf(dtypeOf(type)));
}

/// The DRAM side: what is read and written, contractions' operands in
/// `format`. Weights that live in arrays are not read.
static void addTransfers(Estimate &estimate, GroupOp group, StringRef format,
                         Value residentWeights) {
  Operation *contraction = group.getContraction();
  unsigned bits = bitsOfFormat(format);
  for (BlockArgument argument : group.getBlock().getArguments()) {
    if (argument == residentWeights ||
        !isa<RankedTensorType>(argument.getType()))
      continue;
    uint64_t bytes = bytesOf(argument.getType());
    bool isOperand =
        contraction && llvm::is_contained(contraction->getOperands(), argument);
    Type element = tensorTypeOf(argument).getElementType();
    if (isOperand && element.isF32() && format != "analog")
      bytes = bytes * bits / 32;
    chip::Work work;
    work.kind = chip::WorkKind::Transfer;
    work.engine = "dma0";
    work.format = formatOf(argument.getType());
    work.dramReadBytes = work.sramWriteBytes = bytes;
    estimate.add(work);
  }
  for (Value output : group.getOutputs()) {
    chip::Work work;
    work.kind = chip::WorkKind::Transfer;
    work.engine = "dma1";
    work.format = formatOf(output.getType());
    work.sramReadBytes = work.dramWriteBytes = bytesOf(output.getType());
    estimate.add(work);
  }
}

/// Elements visited and instructions for each, of an op on `vec` or `ctl`.
static void addVector(Estimate &estimate, Operation *op) {
  chip::Work work;
  work.kind = chip::WorkKind::Vector;
  work.engine = "vec";
  auto result = tensorTypeOf(op->getResult(0));
  work.format = formatOf(result);
  work.elements = result.getNumElements();
  work.sramWriteBytes = bytesOf(result);
  for (Value operand : op->getOperands())
    work.sramReadBytes += bytesOf(operand.getType());
  auto command = dyn_cast<CommandOpInterface>(op);
  if (command)
    command.describeWork(work);
  if (!command || command.getEngine() != "vec") {
    work.kind = chip::WorkKind::Control;
    work.engine = "ctl";
  }
  estimate.add(work);
}

static bool runsOn(Operation *op, StringRef engine) {
  auto command = dyn_cast<CommandOpInterface>(op);
  return command && command.getEngine() == engine;
}

/// Everything of the group but its contractions.
static void addRest(Estimate &estimate, GroupOp group) {
  for (Operation &op : group.getBlock().without_terminator())
    if (runsOn(&op, "vec"))
      addVector(estimate, &op);
}

/// Signal to quantisation noise of a format by itself: 6.02 bits + 1.76.
static double sqnrOf(StringRef format) {
  unsigned significant = format == "i8"     ? 8
                         : format == "bf16" ? 9
                         : format == "f16"  ? 12
                         : format == "f64"  ? 54
                                            : 25;
  return 6.02 * significant + 1.76;
}

std::string Alternative::label() const {
  return engine == "array" ? kind : engine + " " + format;
}

std::string hybridc::hyb::engineOf(GroupOp group) {
  std::string engine = "dma";
  for (Operation &op : group.getBlock().without_terminator()) {
    if (isContraction(&op))
      return "mac";
    if (auto command = dyn_cast<CommandOpInterface>(op))
      engine = command.getEngine().str();
  }
  return engine;
}

std::string hybridc::hyb::nativeFormat(GroupOp group) {
  Operation *op = group.getContraction();
  if (!op) {
    if (group.getOutputs().empty())
      return "f32";
    return formatOf(group.getOutputs().front().getType());
  }
  Type element = tensorTypeOf(op->getOperand(0)).getElementType();
  return element.isInteger(8) ? "i8" : formatOf(element);
}

Alternative hybridc::hyb::digitalAlternative(GroupOp group,
                                             const chip::Chip &chip,
                                             StringRef format) {
  Alternative alternative;
  alternative.engine = engineOf(group);
  alternative.format = format.str();
  alternative.sqnr_db = sqnrOf(format);
  Estimate estimate(chip);
  for (Operation &op : group.getBlock().without_terminator()) {
    if (!isContraction(&op))
      continue;
    chip::Work work;
    work.kind = chip::WorkKind::Matrix;
    work.engine = "mac";
    work.format = format.str();
    cast<CommandOpInterface>(op).describeWork(work);
    unsigned bytes = bitsOfFormat(format) / 8;
    for (Value operand : op.getOperands())
      work.sramReadBytes += tensorTypeOf(operand).getNumElements() * bytes;
    work.inputBytes = tensorTypeOf(op.getOperand(0)).getNumElements() * bytes;
    work.weightBytes = tensorTypeOf(op.getOperand(1)).getNumElements() * bytes;
    work.sramWriteBytes = bytesOf(op.getResult(0).getType());
    estimate.add(work);
    if (uint64_t padding = chip::tilePaddingBytes(chip, work)) {
      chip::Work fetched;
      fetched.kind = chip::WorkKind::Transfer;
      fetched.engine = "dma0";
      fetched.format = format.str();
      fetched.dramReadBytes = padding;
      estimate.add(fetched);
    }
  }
  if (alternative.engine == "mac" && chip.mac.rows == 0)
    alternative.whyNot = "the chip has no matrix engine";
  if (alternative.engine == "ctl")
    for (Operation &op : group.getBlock().without_terminator())
      if (op.getNumResults() &&
          isa<RankedTensorType>(op.getResult(0).getType()))
        addVector(estimate, &op);
  addTransfers(estimate, group, format, {});
  addRest(estimate, group);
  alternative.latency_ns = estimate.latency_ns();
  alternative.energy_pj = estimate.energy_pj();
  return alternative;
}

Alternative hybridc::hyb::analogAlternative(GroupOp group,
                                            const chip::Chip &chip,
                                            const chip::ArrayKind &kind,
                                            StringRef format) {
  Alternative alternative;
  alternative.engine = "array";
  alternative.kind = kind.name;
  alternative.format = format.str();
  Operation *op = group.getContraction();
  auto refuse = [&](const Twine &reason) {
    alternative.whyNot = reason.str();
    return alternative;
  };
  if (!op)
    return refuse("it has no contraction");
  unsigned contractions = 0;
  for (Operation &each : group.getBlock())
    contractions += isContraction(&each);
  Gemm gemm = cast<ContractionOpInterface>(op).getGemm();
  Value weights = traceConstant(gemm.weights);
  if (contractions > 1 || !weights)
    return refuse("its weights are not constant");
  if (gemm.transposed)
    return refuse("arrays do not do transposed convolutions");
  if (gemm.grouped)
    return refuse("each group of its channels would waste an array");
  if (!tensorTypeOf(op->getOperand(0)).getElementType().isF32())
    return refuse("arrays take f32 values, these are " + nativeFormat(group));
  if (gemm.groups != 1)
    return refuse("it has a matrix of its own for each element of the batch");
  if (!chip.findArray(kind.name) || kind.rows == 0 || kind.cols == 0)
    return refuse("none of the " + std::to_string(kind.count) + " " +
                  kind.name + " arrays has a row and a column without faults");
  if (gemm.k == 0 || gemm.n == 0)
    return refuse("its weights are empty");

  Estimate estimate(chip);
  chip::Work work;
  work.kind = chip::WorkKind::Analog;
  work.engine = kind.name;
  work.format = "f32";
  work.vectors = gemm.batch * gemm.m;
  work.slices = std::max(1u, kind.slices);
  work.macs = gemm.macs();
  for (uint64_t k = 0; k < gemm.k; k += kind.rows)
    for (uint64_t n = 0; n < gemm.n; n += kind.cols)
      work.arrays.push_back(
          {static_cast<uint32_t>(std::min<uint64_t>(kind.rows, gemm.k - k)),
           static_cast<uint32_t>(std::min<uint64_t>(kind.cols, gemm.n - n))});
  // A row of outputs fetches as many rows of inputs as the kernel has.
  work.sramReadBytes = bytesOf(op->getOperand(0).getType());
  if (gemm.kernelH)
    work.sramReadBytes = std::min<uint64_t>(work.sramReadBytes * gemm.kernelH,
                                            work.sramReadBytes * gemm.kernelH *
                                                gemm.outH / gemm.inH);
  work.sramWriteBytes = bytesOf(op->getResult(0).getType());
  alternative.arrays = work.arrays.size() * work.slices;
  if (alternative.arrays > kind.count)
    alternative.whyNot = "needs " + std::to_string(alternative.arrays) +
                         " arrays, the chip has " + std::to_string(kind.count);
  estimate.add(work);
  addTransfers(estimate, group, "analog", gemm.weights);
  addRest(estimate, group);
  alternative.latency_ns = estimate.latency_ns();
  alternative.energy_pj = estimate.energy_pj();
  // Output noise in units of an ideal full-scale column: the periphery's own.
  double noise = kind.periphery.out_noise;
  double step = kind.outputStep() * 2 * kind.periphery.out_bound;
  double power = noise * noise + step * step / 12;
  alternative.sqnr_db = format == "ideal" ? sqnrOf("f32")
                        : power > 0       ? -10 * std::log10(power)
                                          : sqnrOf("f32");
  return alternative;
}
