//===- Placement.h - Who gets the arrays ----------------------*- C++ -*-===//
//
// The choice behind hyb-partition, free of MLIR's types: each group may take
// one of a few options, an option needs arrays of one kind, and the sum of the
// gains is to be as large as possible.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_TRANSFORMS_PLACEMENT_H
#define HYBRIDC_DIALECT_HYB_TRANSFORMS_PLACEMENT_H

#include <cstdint>
#include <vector>

namespace hybridc::hyb {

/// Taking `need` arrays of kind `kind` saves `gain` against the digital
/// engine, in the unit of the objective. Gains that are not positive are
/// never taken.
struct ArrayOption {
  unsigned kind = 0;
  uint64_t need = 0;
  double gain = 0;
};

/// The option of each group, or -1. `capacity` has the arrays of each kind.
/// Exact (dynamic programming over the arrays in use) while groups x
/// product(capacity + 1) stays below 20 million; beyond that by gain per
/// array. Of equal choices the one with fewer arrays in earlier groups.
std::vector<int>
chooseArrays(const std::vector<std::vector<ArrayOption>> &groups,
             const std::vector<uint64_t> &capacity);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_TRANSFORMS_PLACEMENT_H
