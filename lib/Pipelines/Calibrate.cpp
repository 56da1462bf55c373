//===- Calibrate.cpp - Value ranges from given inputs ---------------------===//
//
// A copy of the model is given one more result for each tensor whose range is
// wanted, lowered without any further choice, and run.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Pipelines/Calibrate.h"

#include "hybridc/Dialect/Hyb/IR/Hyb.h"
#include "hybridc/Emit/Emit.h"
#include "hybridc/Executor/Executor.h"
#include "hybridc/Pipelines/Taps.h"
#include "hybridc/Support/Npz.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace hybridc;

namespace {
struct Extremes {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};
} // namespace

/// Float tensors of the function's own block that groups read, in order.
static llvm::MapVector<Value, unsigned> wantedValues(func::FuncOp func) {
  llvm::MapVector<Value, unsigned> values;
  for (auto group : func.getBody().front().getOps<hyb::GroupOp>())
    for (Value input : group.getInputs())
      if (cast<RankedTensorType>(input.getType()).getElementType().isF32() &&
          !input.getDefiningOp<hyb::ConstantOp>())
        values.try_emplace(input, values.size());
  return values;
}

/// The files to read: the one named, or the .npz files of a folder by name.
static Result<std::vector<std::string>> filesOf(const std::string &path) {
  std::vector<std::string> files;
  if (!llvm::sys::fs::is_directory(path)) {
    files.push_back(path);
    return files;
  }
  std::error_code failed;
  for (llvm::sys::fs::directory_iterator at(path, failed), end;
       at != end && !failed; at.increment(failed))
    if (llvm::StringRef(at->path()).ends_with(".npz"))
      files.push_back(at->path());
  if (failed || files.empty())
    return invalidInput("--calibrate " + path + ": holds no .npz file");
  std::sort(files.begin(), files.end());
  return files;
}

/// Gives the executor piece `number` of each input; false when there is none.
static Result<bool> setPiece(exec::Executor &executor,
                             const std::vector<NpyArray> &arrays,
                             const std::string &path, int64_t number) {
  for (const stream::Binding &input : *executor.inputs()) {
    auto array =
        std::find_if(arrays.begin(), arrays.end(),
                     [&](const NpyArray &a) { return a.name == input.name; });
    if (array == arrays.end())
      return invalidInput("--calibrate " + path + ": has no array for input '" +
                          input.name + "'");
    size_t piece =
        stream::numElements(input.view) * stream::sizeOf(input.view.type);
    std::string_view type = stream::nameOf(input.view.type);
    bool fits = array->shape.size() == input.view.shape.size() &&
                array->itemBytes == stream::sizeOf(input.view.type) &&
                array->kind == (type == "bool" ? 'b' : type[0]);
    for (size_t d = 1; fits && d < array->shape.size(); ++d)
      fits = array->shape[d] == input.view.shape[d];
    if (!fits || piece == 0)
      return invalidInput("--calibrate " + path + ": array '" + array->name +
                          "' does not have the type and shape of input '" +
                          input.name + "'");
    size_t offset = piece * static_cast<size_t>(number);
    size_t have = array->bytes.size();
    if (number > 0 && offset + piece > have)
      return false;
    std::vector<std::byte> batch(piece);
    if (have == 0)
      return invalidInput("--calibrate " + path + ": array '" + array->name +
                          "' is empty");
    // Fewer samples than one batch: they come round again.
    for (size_t at = 0; at < piece; ++at)
      batch[at] = array->bytes[(offset + at) % have];
    if (Status status = executor.setInput(input.name, batch.data(), piece);
        !status)
      return status.error();
  }
  return true;
}

static void widen(Extremes &range, const exec::Tensor &tensor) {
  const auto *data = reinterpret_cast<const float *>(tensor.bytes.data());
  for (size_t i = 0; i < tensor.bytes.size() / 4; ++i)
    if (std::isfinite(data[i])) {
      range.low = std::min(range.low, static_cast<double>(data[i]));
      range.high = std::max(range.high, static_cast<double>(data[i]));
    }
}

Status hybridc::calibrate(ModuleOp module, const CompileOptions &options) {
  auto funcs = module.getOps<func::FuncOp>();
  if (!llvm::hasSingleElement(funcs))
    return unsupported("--calibrate needs a model with one entry");
  func::FuncOp func = *funcs.begin();
  auto values = wantedValues(func);

  // The copy, with a further result for each value.
  OwningOpRef<ModuleOp> copy(module.clone());
  func::FuncOp watched = *copy->getOps<func::FuncOp>().begin();
  auto watchedValues = wantedValues(watched);
  appendResults(watched, llvm::to_vector(llvm::make_first_range(watchedValues)),
                "hyb.range.");

  CompileOptions plain = options;
  plain.dumpFolder.clear();
  // Values do not depend on the chip: one with a large scratchpad computes them
  // in few tiles, whatever the target has.
  plain.target = "hybrid-server";
  plain.faults = "none";
  PassManager passes(module.getContext());
  passes.enableVerifier(false);
  for (Phase phase :
       {Phase::Lower, Phase::Schedule, Phase::Allocate, Phase::Emit})
    buildPhase(passes, phase, plain);
  if (failed(passes.run(*copy)))
    return unsupported("the model cannot be run for calibration");
  auto program = emitStream(*copy);
  if (failed(program))
    return unsupported("the model cannot be run for calibration");
  auto executor = exec::Executor::create(*program, {.noise = false});
  if (!executor)
    return executor.error();

  std::vector<Extremes> ranges(values.size());
  auto files = filesOf(options.calibration);
  if (!files)
    return files.error();
  for (const std::string &path : *files) {
    auto arrays = readNpz(path);
    if (!arrays)
      return arrays.error();
    for (int64_t number = 0;; ++number) {
      auto more = setPiece(**executor, *arrays, path, number);
      if (!more)
        return more.error();
      if (!*more)
        break;
      if (Status status = (*executor)->run(); !status)
        return status;
      for (size_t i = 0; i < ranges.size(); ++i) {
        auto tensor = (*executor)->output("hyb.range." + std::to_string(i));
        if (!tensor)
          return tensor.error();
        widen(ranges[i], *tensor);
      }
      if ((*executor)->inputs()->empty())
        break;
    }
  }
  Builder builder(module.getContext());
  for (auto group : func.getBody().front().getOps<hyb::GroupOp>()) {
    SmallVector<Attribute> pairs;
    for (Value input : group.getInputs()) {
      auto found = values.find(input);
      Extremes range; // constants and integers: none
      if (found != values.end())
        range = ranges[found->second];
      pairs.push_back(
          builder.getArrayAttr({builder.getF64FloatAttr(range.low),
                                builder.getF64FloatAttr(range.high)}));
    }
    group->setAttr("hyb.ranges", builder.getArrayAttr(pairs));
  }
  return {};
}
