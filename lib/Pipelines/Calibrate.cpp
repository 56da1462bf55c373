//===- Calibrate.cpp - Value ranges from given inputs ---------------------===//
//
// In a copy of the model each value whose range is wanted passes through a
// kernel `observe`, wherever it is: in loops and branches, too. The copy takes
// the way of an exact build and runs on the calibration inputs.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Pipelines/Calibrate.h"

#include "CalibrationData.h"
#include "Ranges.h"

#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Executor/Executor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace hybridc;

namespace {
/// Who reads a value whose range is wanted: an operand of a group.
using Readers = SmallVector<OpOperand *, 2>;
using Wanted = llvm::MapVector<Value, Readers>;
} // namespace

/// The group input that a contraction multiplies with its weights, if it is
/// one: as it is, or a view of it.
static BlockArgument activationOf(Operation *contraction) {
  return dyn_cast<BlockArgument>(hyb::behindViews(contraction->getOperand(0)));
}

/// The f32 values that contractions take, in the order of their groups.
static Wanted wantedValues(ModuleOp module) {
  Wanted wanted;
  module.walk([&](hyb::GroupOp group) {
    for (Operation &op : group.getBlock()) {
      if (!hyb::isContraction(&op))
        continue;
      BlockArgument argument = activationOf(&op);
      if (!argument || argument.getOwner() != &group.getBlock())
        continue;
      OpOperand &input = group->getOpOperand(argument.getArgNumber());
      auto type = dyn_cast<RankedTensorType>(input.get().getType());
      if (!type || !type.getElementType().isF32() || !type.getNumElements() ||
          input.get().getDefiningOp<hyb::ConstantOp>())
        continue;
      Readers &readers = wanted[input.get()];
      if (!llvm::is_contained(readers, &input))
        readers.push_back(&input);
    }
  });
  return wanted;
}

/// Sends `value` through a kernel `observe` on its way to `readers`.
static void observe(Value value, ArrayRef<OpOperand *> readers,
                    unsigned number) {
  OpBuilder builder(value.getContext());
  if (auto argument = dyn_cast<BlockArgument>(value))
    builder.setInsertionPointToStart(argument.getOwner());
  else
    builder.setInsertionPointAfter(value.getDefiningOp());
  Location loc = readers.front()->getOwner()->getLoc();
  auto group = hyb::GroupOp::create(
      builder, loc, TypeRange(value.getType()),
      builder.getStringAttr("hyb.observe." + Twine(number)), ValueRange(value),
      hyb::PlaceAttr(), StringAttr(), hyb::CostAttr());
  Block *body = builder.createBlock(&group.getBody());
  body->addArgument(value.getType(), loc);
  auto kernel = hyb::HostOp::create(builder, loc, TypeRange(value.getType()),
                                    builder.getStringAttr("observe"),
                                    ValueRange(body->getArgument(0)));
  kernel->setAttr("index", builder.getI64IntegerAttr(number));
  hyb::YieldOp::create(builder, loc, kernel.getResults());
  for (OpOperand *reader : readers)
    reader->set(group.getOutputs().front());
}

/// The model as it is, with what is wanted under observation.
static Result<stream::Program> buildObserved(ModuleOp copy,
                                             const CompileOptions &options,
                                             const BuildAside &build) {
  unsigned number = 0;
  for (auto &[value, readers] : wantedValues(copy))
    observe(value, readers, number++);
  CompileOptions plain;
  plain.import = options.import;
  plain.fuse = options.fuse;
  plain.reuseBuffers = options.reuseBuffers;
  plain.verifyEach = options.verifyEach;
  plain.precision = "exact";
  // Values do not depend on the chip: one with a large scratchpad computes them
  // in few tiles, whatever the target has.
  plain.target = "hybrid-server";
  plain.faults = "none";
  return build(copy, plain);
}

namespace {
/// Runs the observed copy over the calibration inputs.
class Passes {
public:
  Passes(const stream::Program &program, const stream::Entry &entry,
         std::vector<std::string> files, ArrayRef<int64_t> rows)
      : program(program), entry(entry), files(std::move(files)), rows(rows),
        seen(rows.size()) {}

  Status create() {
    exec::ExecOptions options;
    options.noise = false;
    options.observe = [this](int64_t index, std::span<const float> values) {
      auto add = isCounting ? &Observed::addCounts : &Observed::addExtremes;
      (seen[size_t(index)].*add)(now, uint64_t(rows[size_t(index)]), values);
    };
    auto made = exec::Executor::create(program, options);
    if (!made)
      return made.error();
    executor = std::move(*made);
    return {};
  }

  /// One pass over all files.
  Status run(bool counts) {
    isCounting = counts;
    uint64_t before = 0;
    for (const std::string &path : files) {
      auto data = CalibrationData::read(path, entry);
      if (!data)
        return data.error();
      for (uint64_t i = 0; i < data->numBatches(); ++i) {
        now = data->batch(i);
        now.first += before;
        if (Status status = data->set(*executor, entry.name, i); !status)
          return status;
        if (Status status = executor->run(entry.name); !status)
          return Error{status.error().code,
                       "--calibrate " + path + ": " + status.error().message};
      }
      before = now.first + now.used;
    }
    return {};
  }

  std::vector<Observed> &observed() { return seen; }

private:
  const stream::Program &program;
  const stream::Entry &entry;
  std::vector<std::string> files;
  ArrayRef<int64_t> rows; ///< first extent of each value
  std::vector<Observed> seen;
  std::unique_ptr<exec::Executor> executor;
  Batch now;
  bool isCounting = false;
};
} // namespace

static std::string rangeText(const Extremes &range) {
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("[%.4g, %.4g]", range.low, range.high);
  return text;
}

/// Says what a range leaves out that may have been meant.
static void warnAbout(hyb::GroupOp group, const Observed &seen,
                      const Extremes &range) {
  std::string node = hyb::nodeNameOf(group.getLoc());
  std::string head = "calibration: input of node '" +
                     (node.empty() ? group.getName().str() : node) + "'";
  if (std::string op = hyb::opTypeOf(group.getLoc()); !op.empty())
    head += " (" + op + ")";
  if (seen.numNotFinite())
    emitWarning(group.getLoc())
        << head << ": " << seen.numNotFinite()
        << " values are NaN or infinite and do not count";
  if (seen.numSamples() == 0)
    emitWarning(group.getLoc())
        << head << ": the calibration inputs never reach it: it has no range";
  else if (range.low == 0 && range.high == 0)
    emitWarning(group.getLoc())
        << head
        << ": is 0 in all calibration inputs: its range is empty, and "
           "other values will be lost";
  else if (seen.numFar() && range != seen.all())
    emitWarning(group.getLoc())
        << head << ": range " << rangeText(range) << " leaves out "
        << seen.numFar() << " of " << seen.numSamples()
        << " samples, which reach " << rangeText(seen.all())
        << "; --calibration minmax keeps them";
}

static Extremes choose(Observed &seen, RangeMethod method) {
  switch (method) {
  case RangeMethod::MinMax:
    return seen.all();
  case RangeMethod::Percentile:
    return seen.withoutFar();
  case RangeMethod::Mse:
    return seen.leastError();
  case RangeMethod::Entropy:
    return seen.leastDivergence();
  }
  return {};
}

/// Leaves `hyb.ranges` on each group that computes a contraction.
static void annotate(ModuleOp module, const Wanted &wanted,
                     std::vector<Observed> &observed, RangeMethod method) {
  llvm::DenseMap<Value, Extremes> ranges;
  for (auto [entry, seen] : llvm::zip(wanted, observed)) {
    auto &[value, readers] = entry;
    ranges[value] = choose(seen, method);
    warnAbout(cast<hyb::GroupOp>(readers.front()->getOwner()), seen,
              ranges[value]);
  }
  Builder builder(module.getContext());
  module.walk([&](hyb::GroupOp group) {
    if (!group.getContraction())
      return;
    SmallVector<Attribute> pairs;
    for (Value input : group.getInputs()) {
      Extremes range = ranges.lookup(input); // of others: empty
      pairs.push_back(
          builder.getArrayAttr({builder.getF64FloatAttr(range.low),
                                builder.getF64FloatAttr(range.high)}));
    }
    group->setAttr(hyb::kRangesAttr, builder.getArrayAttr(pairs));
  });
}

Status hybridc::calibrate(ModuleOp module, const CompileOptions &options,
                          const BuildAside &build) {
  auto method = parseRangeMethod(options.calibrationMethod);
  if (!method)
    return Error{ExitCode::Usage, "--calibration " + options.calibrationMethod +
                                      ": expected minmax, percentile, mse or "
                                      "entropy"};
  if (!llvm::hasSingleElement(module.getOps<func::FuncOp>()))
    return unsupported("--calibrate needs a model with one entry");
  auto files = calibrationFiles(options.calibration);
  if (!files)
    return files.error();
  Wanted wanted = wantedValues(module);
  SmallVector<int64_t> rows;
  for (auto &[value, readers] : wanted) {
    auto type = cast<RankedTensorType>(value.getType());
    rows.push_back(type.getRank() ? type.getDimSize(0) : 1);
  }
  OwningOpRef<ModuleOp> copy(module.clone());
  auto program = buildObserved(*copy, options, build);
  if (!program)
    return program.error();
  const stream::Entry *entry = program->findEntry("infer");
  if (!entry && program->entries.size() == 1)
    entry = &program->entries.front();
  if (!entry)
    return unsupported("--calibrate needs a model with one entry");
  Passes passes(*program, *entry, std::move(*files), rows);
  if (Status status = passes.create(); !status)
    return status;
  if (Status status = passes.run(/*counts=*/false); !status)
    return status;
  bool hasCounts =
      *method == RangeMethod::Mse || *method == RangeMethod::Entropy;
  if (hasCounts) {
    for (Observed &seen : passes.observed())
      seen.withoutFar();
    if (Status status = passes.run(/*counts=*/true); !status)
      return status;
  }
  annotate(module, wanted, passes.observed(), *method);
  return {};
}
