//===- VerifyAllocated.cpp - No two live buffers on the same bytes --------===//
//
// Knows nothing of how addresses were chosen: it numbers the commands in
// textual order, takes a buffer to be live from its first command to its last,
// and looks for two that are live at once and share bytes. What a loop reads
// before it writes it, or what is used outside of it as well, is live
// throughout the loop.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Dialect/Tile/IR/Tile.h"
#include "hybridc/Dialect/Tile/Transforms/Passes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

#include <limits>
#include <map>

using namespace mlir;
using namespace hybridc;

namespace hybridc::tile {
#define GEN_PASS_DEF_VERIFYALLOCATED
#include "hybridc/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace hybridc::tile

namespace {
constexpr int64_t kAlways = std::numeric_limits<int64_t>::max();

/// One buffer: where its bytes are and when they are needed.
struct Life {
  Operation *op = nullptr;
  StringRef name;
  bool isDram = false;
  int64_t begin = 0, end = 0;   ///< bytes
  int64_t first = -1, last = 0; ///< commands
  /// Where the loop began in which it was first used, once that is over.
  int64_t loopStart = -1;
};

/// A loop while its commands are numbered.
struct OpenLoop {
  int64_t start = 0;
  llvm::MapVector<Operation *, bool> isReadFirst; ///< of what it touches
};

struct VerifyAllocated
    : hybridc::tile::impl::VerifyAllocatedBase<VerifyAllocated> {
  llvm::MapVector<Operation *, Life> lives;
  SmallVector<OpenLoop> loops;
  int64_t position = 0;
  bool isFine = true;

  InFlightDiagnostic broken(Operation *op) {
    isFine = false;
    return refuse(op, ExitCode::Internal);
  }

  void note(Operation *op, StringRef name, tile::ViewType type,
            std::optional<int64_t> address, bool isAlways) {
    if (!address) {
      broken(op) << "buffer '" << name << "' has no address";
      return;
    }
    Life &life = lives[op];
    life.op = op;
    life.name = name;
    life.isDram = type.isDram();
    life.begin = *address;
    if (*address < 0 ||
        llvm::AddOverflow(*address, std::max<int64_t>(type.getDenseBytes(), 1),
                          life.end)) {
      broken(op) << "buffer '" << name << "' lies at " << *address
                 << ", outside of any memory";
      life.end = life.begin;
    }
    if (isAlways) {
      life.first = 0;
      life.last = kAlways;
    }
  }

  void touch(Value view, bool isWritten) {
    auto found = lives.find(tile::rootOf(view));
    if (found == lives.end())
      return;
    Life &life = found->second;
    if (life.last == kAlways)
      return;
    for (OpenLoop &loop : loops) {
      bool isOlder = life.first >= 0 && life.first < loop.start;
      loop.isReadFirst.insert({life.op, isOlder || !isWritten});
    }
    if (life.first < 0)
      life.first = position;
    // Filled in the turns of a loop, and used behind it.
    if (life.loopStart >= 0)
      life.first = std::min(life.first, life.loopStart);
    life.last = position;
  }

  void number(Block &block) {
    for (Operation &op : block) {
      if (auto command = dyn_cast<tile::DoOp>(op)) {
        ++position;
        for (Value view : command.getIns())
          touch(view, false);
        for (Value view : command.getOuts())
          touch(view, true);
        continue;
      }
      if (op.getNumRegions() == 0)
        continue;
      ++position;
      auto loop = dyn_cast<tile::LoopOp>(op);
      if (loop)
        loops.push_back({position, {}});
      auto views = [&] {
        for (Value view : op.getOperands())
          if (isa<tile::ViewType>(view.getType()))
            touch(view, false);
      };
      views();
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          number(inner);
      ++position;
      views(); // a loop reads its condition again
      if (loop)
        close(loops.pop_back_val());
    }
  }

  /// What an iteration leaves for the next one lasts from the first to the end.
  void close(const OpenLoop &loop) {
    for (auto &[op, isReadFirst] : loop.isReadFirst) {
      Life &life = lives[op];
      if (life.first >= loop.start)
        life.loopStart = loop.start;
      if (!isReadFirst)
        continue;
      life.first = std::min(life.first, loop.start);
      life.last = std::max(life.last, position);
    }
  }

  void compare(SmallVectorImpl<Life *> &ofSpace) {
    llvm::stable_sort(ofSpace, [](const Life *a, const Life *b) {
      return a->first < b->first;
    });
    std::map<int64_t, Life *> live; // by first byte; disjoint
    std::multimap<int64_t, Life *> ends;
    for (Life *life : ofSpace) {
      while (!ends.empty() && ends.begin()->first < life->first) {
        live.erase(ends.begin()->second->begin);
        ends.erase(ends.begin());
      }
      auto next = live.lower_bound(life->begin);
      Life *other = nullptr;
      if (next != live.end() && next->second->begin < life->end)
        other = next->second;
      else if (next != live.begin() &&
               std::prev(next)->second->end > life->begin)
        other = std::prev(next)->second;
      if (other) {
        broken(life->op) << (life->isDram ? "DRAM" : "scratchpad")
                         << " buffers '" << life->name << "' (bytes "
                         << life->begin << " to " << life->end << ") and '"
                         << other->name << "' (bytes " << other->begin << " to "
                         << other->end << ") are live at the same time";
        return;
      }
      live[life->begin] = life;
      ends.insert({life->last, life});
    }
  }

  void runOnOperation() override {
    lives.clear();
    position = 0;
    isFine = true;
    ModuleOp module = getOperation();
    module.walk([&](Operation *op) {
      if (auto constant = dyn_cast<tile::ConstantOp>(op))
        note(op, constant.getName(), constant.getView().getType(),
             constant.getAddress(), true);
      else if (auto buffer = dyn_cast<tile::BufferOp>(op))
        note(op, buffer.getName(), buffer.getView().getType(),
             buffer.getAddress(), buffer.getKind() != "scratch");
    });
    for (auto entry : module.getOps<tile::EntryOp>()) {
      number(entry.getBody().front());
      ++position;
    }
    SmallVector<Life *> spaces[2];
    for (auto &[op, life] : lives)
      if (life.first >= 0)
        spaces[life.isDram].push_back(&life);
    for (auto &ofSpace : spaces)
      compare(ofSpace);
    if (!isFine)
      signalPassFailure();
  }
};
} // namespace
