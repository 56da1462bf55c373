//===- Phases.cpp - What each phase runs ----------------------------------===//
#include "hybridc/InitAll/Phases.h"
#include "hybridc/Conversion/Passes.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"
#include "hybridc/Dialect/Tile/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace hybridc;

static constexpr std::string_view kNames[] = {
    "import", "simplify", "fuse",     "partition", "precision",
    "layout", "lower",    "schedule", "allocate",  "emit"};

std::string_view hybridc::nameOf(Phase phase) {
  return kNames[static_cast<size_t>(phase)];
}

std::optional<Phase> hybridc::parsePhase(std::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name)
      return static_cast<Phase>(i);
  return std::nullopt;
}

std::string hybridc::phaseNames(std::string_view separator) {
  std::string text;
  for (std::string_view name : kNames) {
    if (!text.empty())
      text += separator;
    text += name;
  }
  return text;
}

void hybridc::buildPhase(OpPassManager &passes, Phase phase,
                         const PhaseOptions &options) {
  switch (phase) {
  case Phase::Import:
    break;
  case Phase::Simplify:
    // Each step exposes more for the others: folded constants decide branches,
    // branches that are gone leave constants.
    passes.addPass(createCompositeFixedPointPass(
        "hyb-simplify", [](OpPassManager &simplify) {
          simplify.addPass(createCanonicalizerPass());
          simplify.addPass(createCSEPass());
          simplify.addPass(hyb::createCanonicalizeMovement());
          simplify.addPass(hyb::createFoldConstants());
          simplify.addPass(hyb::createFoldScale());
          simplify.addPass(hyb::createFoldConstants());
        }));
    break;
  case Phase::Fuse: {
    // Before maps are merged: the quantised form is still recognisable. An
    // exact build computes in the types that the model states.
    if (options.precision != "exact")
      passes.addPass(hyb::createIntegerContractions());
    // What is asked for holds for models in other float types, too.
    if (options.precision != "exact" && options.precision != "auto") {
      hyb::F32ContractionsOptions floats;
      floats.constantOnly =
          options.precision == "int8" || options.precision == "analog";
      floats.keepBf16 = options.precision == "bf16";
      passes.addPass(hyb::createF32Contractions(floats));
    }
    if (options.fuse)
      passes.addPass(hyb::createFuseMaps());
    hyb::FormGroupsOptions groups;
    groups.noFuse = !options.fuse;
    passes.addPass(hyb::createFormGroups(groups));
    break;
  }
  case Phase::Partition: {
    hyb::PartitionOptions partition;
    partition.target = options.target;
    partition.precision = options.precision;
    partition.objective = options.objective;
    partition.faults = options.faults;
    partition.mapAround = options.mapAroundFaults;
    for (auto &[node, engine] : options.place)
      partition.place.push_back(node + "=" + engine);
    for (auto &[node, format] : options.setPrecision)
      partition.format.push_back(node + "=" + format);
    passes.addPass(hyb::createPartition(partition));
    break;
  }
  case Phase::Precision:
    passes.addPass(hyb::createPrecision());
    // Conversions next to each other are one map.
    passes.addPass(hyb::createSinkConversions());
    break;
  case Phase::Layout:
    passes.addPass(hyb::createLayout());
    {
      hyb::PlanHomesOptions homes;
      homes.target = options.target;
      homes.none = !options.planHomes;
      homes.dump = options.dumpProblem;
      passes.addPass(hyb::createPlanHomes(homes));
    }
    break;
  case Phase::Lower: {
    HybToTileOptions lower;
    lower.target = options.target;
    lower.faults = options.faults;
    lower.mapAround = options.mapAroundFaults;
    llvm::append_range(lower.gainAt, options.gainAt_s);
    llvm::append_range(lower.programAt, options.programAt_s);
    lower.horizon = options.horizon_s;
    passes.addPass(createHybToTile(lower));
    break;
  }
  case Phase::Schedule: {
    tile::ScheduleOptions schedule;
    schedule.target = options.target;
    passes.addPass(tile::createSchedule(schedule));
    break;
  }
  case Phase::Allocate: {
    tile::AllocateOptions allocate;
    allocate.target = options.target;
    allocate.noReuse = !options.reuseBuffers;
    passes.addPass(tile::createAllocate(allocate));
    break;
  }
  case Phase::Emit: {
    TileToCmdOptions commands;
    commands.target = options.target;
    commands.precision = options.precision;
    passes.addPass(createTileToCmd(commands));
    break;
  }
  }
}

void hybridc::buildBoundary(OpPassManager &passes, Phase phase) {
  switch (phase) {
  case Phase::Import:
    passes.addPass(hyb::createVerifyImported());
    break;
  case Phase::Simplify:
    passes.addPass(hyb::createVerifySimplified());
    break;
  case Phase::Fuse:
    passes.addPass(hyb::createVerifyFused());
    break;
  case Phase::Partition:
    passes.addPass(hyb::createVerifyPartitioned());
    break;
  case Phase::Precision:
    passes.addPass(hyb::createVerifyPrecise());
    break;
  case Phase::Layout:
    passes.addPass(hyb::createVerifyLaidOut());
    break;
  case Phase::Allocate:
    passes.addPass(tile::createVerifyAllocated());
    break;
  case Phase::Lower:
  case Phase::Schedule:
  case Phase::Emit: // the ops' own verifiers, and those of the stream
    break;
  }
}
