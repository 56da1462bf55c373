//===- Homes.h - Results that stay in the scratchpad ----------*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_HYB_TRANSFORMS_HOMES_H
#define HYBRIDC_DIALECT_HYB_TRANSFORMS_HOMES_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <string>

namespace hybridc::hyb {

/// Whether output `number` of a group stays in the scratchpad (hyb.homes).
bool isHome(GroupOp group, unsigned number);

/// Plans the homes of all groups anew with `bytes` of scratchpad, and writes
/// them to the groups; with 0 bytes, none stays. Groups in `given` keep theirs.
/// Gives how many results stay; adds what the solver saw and answered, as JSON,
/// to `dump` unless that is null.
unsigned planHomes(mlir::func::FuncOp func, uint64_t bytes,
                   const llvm::DenseSet<mlir::Operation *> &given = {},
                   std::string *dump = nullptr);

/// Fails, with an error at the group, where a home is asked for that cannot be:
/// somebody reads the result who must find it in DRAM, or where homes alone
/// take more than `bytes` of scratchpad.
mlir::LogicalResult checkHomes(mlir::func::FuncOp func, uint64_t bytes);

/// Bytes of scratchpad that homes take while each group runs, its own outputs
/// included.
llvm::DenseMap<mlir::Operation *, uint64_t>
homeBytesAt(mlir::func::FuncOp func);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_TRANSFORMS_HOMES_H
