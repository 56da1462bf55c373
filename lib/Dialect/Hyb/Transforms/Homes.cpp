//===- Homes.cpp - Results that stay in the scratchpad --------------------===//
//
// A block is cut into runs of groups between branches and loops, as the
// scratchpad is planned (Tile/Transforms/Allocate.cpp). In a run each group is
// a step; a result that only groups of the same run read may stay.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Dialect/Hyb/Transforms/Homes.h"

#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Refuse.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Planner/Homes.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;

bool hybridc::hyb::isHome(GroupOp group, unsigned number) {
  auto homes = group->getAttrOfType<ArrayAttr>(kHomesAttr);
  return homes && cast<StringAttr>(homes[number]) == "sram";
}

namespace {

/// A result of a group that could stay.
struct Candidate {
  GroupOp group;
  unsigned number = 0; ///< of the output
  uint64_t bytes = 0;
  unsigned first = 0, last = 0, readers = 0; ///< steps; groups that read it
};

/// The groups of one straight run, in order, and what could stay of them.
struct Run {
  SmallVector<GroupOp> steps;
  std::vector<Candidate> candidates;
  llvm::DenseSet<Value> couldStay; ///< the candidates' results
};

uint64_t sizeOf(Value value) {
  return llvm::alignTo(bytesOf(value.getType()), 64);
}

/// Whether the control core computes a group, on whole tensors in DRAM: what
/// cannot be tiled, wherever it is placed.
bool isOnControlCore(GroupOp group) {
  return llvm::any_of(group.getBlock(), [](Operation &op) {
    return isa<CommandOpInterface>(op) && !isa<TileableOpInterface>(op);
  });
}

class RunReader {
public:
  explicit RunReader(ArrayRef<GroupOp> groups) {
    run.steps.assign(groups.begin(), groups.end());
    for (auto [step, group] : llvm::enumerate(groups))
      stepOf[group] = unsigned(step);
  }

  Run read() {
    for (auto [step, group] : llvm::enumerate(run.steps))
      for (auto [number, output] : llvm::enumerate(group.getOutputs())) {
        Candidate candidate{group,          unsigned(number), sizeOf(output),
                            unsigned(step), unsigned(step),   0};
        // What a group hands on as it is, or a view of it, has no bytes of its
        // own.
        Value made = group.getYield().getValues()[number];
        bool isMade = behindAccesses(made) == made && made.getDefiningOp();
        if (candidate.bytes && isMade && !isOnControlCore(group) &&
            readUses(output, candidate) && candidate.readers) {
          run.candidates.push_back(candidate);
          run.couldStay.insert(output);
        }
      }
    return std::move(run);
  }

private:
  /// Whether an output of the group is the value, or a view of it: then its
  /// readers read the value.
  static bool handsOn(GroupOp group, Value value) {
    return llvm::any_of(group.getYield().getValues(), [&](Value yielded) {
      auto argument = dyn_cast<BlockArgument>(behindAccesses(yielded));
      return argument && group.getInputs()[argument.getArgNumber()] == value;
    });
  }

  /// False when somebody reads it who must find it in DRAM.
  bool readUses(Value value, Candidate &candidate) {
    for (Operation *user : value.getUsers()) {
      if (isView(user)) {
        if (!readUses(user->getResult(0), candidate))
          return false;
        continue;
      }
      auto reader = dyn_cast<GroupOp>(user);
      auto step = reader ? stepOf.find(reader) : stepOf.end();
      if (step == stepOf.end() || isOnControlCore(reader) ||
          handsOn(reader, value))
        return false;
      candidate.last = std::max(candidate.last, step->second);
      ++candidate.readers;
    }
    return true;
  }

  Run run;
  DenseMap<Operation *, unsigned> stepOf;
};

void addRuns(Block &block, std::vector<Run> &runs) {
  SmallVector<GroupOp> groups;
  auto flush = [&] {
    if (!groups.empty())
      runs.push_back(RunReader(groups).read());
    groups.clear();
  };
  for (Operation &op : block) {
    if (auto group = dyn_cast<GroupOp>(op)) {
      groups.push_back(group);
      continue;
    }
    // Maps are in groups by now: what has a region branches or repeats, and a
    // select is lowered to a branch.
    if (op.getNumRegions() == 0 && !isa<arith::SelectOp>(op))
      continue;
    flush();
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        addRuns(inner, runs);
  }
  flush();
}

/// Of a function of several blocks, or none, there are none: it is no entry.
std::vector<Run> runsOf(func::FuncOp func) {
  std::vector<Run> runs;
  if (llvm::hasSingleElement(func.getBody()))
    addRuns(func.getBody().front(), runs);
  return runs;
}

/// What tiles of a group need beside homes: what it reads from DRAM and what
/// it makes on the way, but no more than half, since tiles can be small.
uint64_t reserveOf(GroupOp group, const Run &run, uint64_t capacity) {
  uint64_t bytes = 0;
  for (Value input : group.getInputs())
    if (isa<RankedTensorType>(input.getType()) &&
        !run.couldStay.contains(behindViews(input)))
      bytes += sizeOf(input);
  llvm::DenseSet<Value> own; // counted where they live
  for (auto [output, made] :
       llvm::zip(group.getOutputs(), group.getYield().getValues()))
    if (run.couldStay.contains(output))
      own.insert(made);
  for (Operation &op : group.getBlock().without_terminator())
    for (Value result : op.getResults())
      if (isa<RankedTensorType>(result.getType()) && !own.contains(result))
        bytes += sizeOf(result);
  return std::min(bytes, capacity / 2);
}

void setHome(GroupOp group, unsigned number) {
  Builder builder(group.getContext());
  SmallVector<StringRef> homes;
  for (unsigned i = 0; i < group.getOutputs().size(); ++i)
    homes.push_back(i == number || isHome(group, i) ? "sram" : "dram");
  group->setAttr(kHomesAttr, builder.getStrArrayAttr(homes));
}

} // namespace

unsigned hybridc::hyb::planHomes(func::FuncOp func, uint64_t bytes,
                                 const llvm::DenseSet<Operation *> &given,
                                 std::string *dump) {
  unsigned count = 0;
  func.walk([&](GroupOp group) {
    if (!given.contains(group))
      group->removeAttr(kHomesAttr);
  });
  if (!bytes)
    return 0;
  for (const Run &run : runsOf(func)) {
    plan::HomeProblem problem;
    problem.capacity = bytes;
    for (GroupOp group : run.steps)
      problem.reserved.push_back(reserveOf(group, run, bytes));
    std::vector<Candidate> asked;
    for (Candidate candidate : run.candidates) {
      if (given.contains(candidate.group)) {
        if (isHome(candidate.group, candidate.number))
          for (unsigned s = candidate.first; s <= candidate.last; ++s)
            problem.reserved[s] += candidate.bytes;
        continue;
      }
      asked.push_back(candidate);
      // Written once, read by each reader.
      problem.values.push_back(
          {candidate.group.getName().str(), candidate.bytes, candidate.first,
           candidate.last, double(candidate.bytes) * (1 + candidate.readers)});
    }
    plan::HomePlan plan = plan::planHomes(problem);
    for (auto &&[candidate, stays] : llvm::zip(asked, plan.stays))
      if (stays) {
        setHome(candidate.group, candidate.number);
        ++count;
      }
    if (dump)
      *dump += (dump->empty() ? "" : ",\n") + plan::toJson(problem, plan);
  }
  return count;
}

LogicalResult hybridc::hyb::checkHomes(func::FuncOp func, uint64_t bytes) {
  llvm::DenseSet<Value> possible;
  for (const Run &run : runsOf(func))
    possible.insert_range(run.couldStay);
  WalkResult walked = func.walk([&](GroupOp group) {
    for (auto [number, output] : llvm::enumerate(group.getOutputs()))
      if (isHome(group, unsigned(number)) && !possible.contains(output)) {
        refuse(group.getOperation(), ExitCode::InvalidInput)
            << "output " << number
            << " cannot stay in the scratchpad: branches, loops, the control "
               "core or the caller read it, or nobody does; home \"dram\" "
               "would help";
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return failure();
  auto taken = homeBytesAt(func);
  walked = func.walk([&](GroupOp group) {
    if (taken.lookup(group) <= bytes)
      return WalkResult::advance();
    refuseTooLarge(group) << "homes take " << taken.lookup(group)
                          << " bytes of scratchpad while it runs, the chip has "
                          << bytes
                          << "; home \"dram\" for some of them would help";
    return WalkResult::interrupt();
  });
  return failure(walked.wasInterrupted());
}

llvm::DenseMap<Operation *, uint64_t>
hybridc::hyb::homeBytesAt(func::FuncOp func) {
  llvm::DenseMap<Operation *, uint64_t> bytes;
  for (const Run &run : runsOf(func))
    for (Candidate candidate : run.candidates)
      if (isHome(candidate.group, candidate.number))
        for (unsigned step = candidate.first; step <= candidate.last; ++step)
          bytes[run.steps[step]] += candidate.bytes;
  return bytes;
}
