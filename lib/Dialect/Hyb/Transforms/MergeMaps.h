//===- MergeMaps.h - Two maps become one ----------------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_MERGEMAPS_H
#define HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_MERGEMAPS_H

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

namespace hybridc::hyb {

/// Computes a producer inside of a map that reads it, and gives that map. The
/// producer goes when nothing else reads it; whether merging pays, or computes
/// anything twice, is the caller's business.
MapOp mergeMaps(MapOp producer, MapOp consumer);

} // namespace hybridc::hyb

#endif // HYBRIDC_LIB_DIALECT_HYB_TRANSFORMS_MERGEMAPS_H
