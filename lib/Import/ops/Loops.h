//===- Loops.h - Loops with a known number of turns -----------*- C++ -*-===//
#ifndef HYBRIDC_LIB_IMPORT_OPS_LOOPS_H
#define HYBRIDC_LIB_IMPORT_OPS_LOOPS_H

#include "../Node.h"

#include <functional>

namespace hybridc::import {

/// Where a loop is: a counter, or a number when the loop is unrolled.
struct Turn {
  mlir::Value counter; ///< index; null when unrolled
  int64_t number = 0;
  int64_t count = 0;
};

/// x at this turn's index of `axis`, which goes away.
mlir::Value pick(Node &n, const Turn &turn, mlir::Value x, int64_t axis,
                 bool reversed);

/// A value of each turn, collected along a new axis of the result.
struct Collected {
  mlir::Value value;
  int64_t axis = 0;
  bool reversed = false;
};

struct Step {
  llvm::SmallVector<mlir::Value> states; ///< for the next turn
  llvm::SmallVector<Collected> collected;
};

using LoopBody =
    std::function<Step(const Turn &, llvm::ArrayRef<mlir::Value> states)>;

/// scf.for over `count` turns (unrolled when there are at most two). Gives the
/// last states, then what was collected; nothing and `reason` when a state
/// changes its type from turn to turn.
std::optional<llvm::SmallVector<mlir::Value>>
buildLoop(Node &n, int64_t count, llvm::ArrayRef<mlir::Value> states,
          const LoopBody &body, std::string &reason);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_OPS_LOOPS_H
