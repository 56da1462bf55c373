//===- IndexMap.h - y[i, j, …] = x[map0[i], map1[j], …] -------*- C++ -*-===//
#ifndef HYBRIDC_LIB_KERNELS_CTL_INDEXMAP_H
#define HYBRIDC_LIB_KERNELS_CTL_INDEXMAP_H

#include "Ctl.h"

namespace hybridc::exec::ctl {

/// Picks elements by one table for each dimension; an entry of -1 in any of
/// them gives the constant element `bits`. Entries must be in range of x.
std::unique_ptr<Kernel> makeIndexMap(const View &x, const View &y,
                                     std::vector<std::vector<int64_t>> maps,
                                     uint64_t bits, unsigned threads);

} // namespace hybridc::exec::ctl

#endif // HYBRIDC_LIB_KERNELS_CTL_INDEXMAP_H
