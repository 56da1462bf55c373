//===- KernelTable.h - The named kernels of the control core --*- C++ -*-===//
//
// One row for each kernel that `Op::Kernel` commands may name. Adding one is a
// row in a file of lib/Kernels/ctl, listed in KernelTable.cpp there.
//
//  topk             x → values, indices(I64): the k largest or smallest along
//                   `axis`; k = extent of the outputs there. Ties: the lower
//                   index first. `largest` (1), `sorted` (1; unsorted results
//                   come sorted too). NaN counts as the largest.
//  resize           x → y of any extents. `mode` nearest|linear|cubic;
//                   `coordinates` half_pixel|half_pixel_symmetric|
//                   pytorch_half_pixel|align_corners|asymmetric|
//                   tf_crop_and_resize|tf_half_pixel_for_nn; `nearest`
//                   round_prefer_floor|round_prefer_ceil|floor|ceil;
//                   `scales` one for each axis (default: extent of y ÷ of x);
//                   `roi` starts, then ends (tf_crop_and_resize);
//                   `extrapolation` (0); `cubic_a` (-0.75);
//                   `exclude_outside` (0); `antialias` (0). As ONNX Resize.
//  pad              x → y: `mode` constant|reflect|edge|wrap, `pads` begins
//                   then ends (negative: crops), `bits` of the constant
//                   element (0). y[i] = x[i - begin].
//  cumsum           x → y along `axis`; `exclusive` (0), `reverse` (0)
//  scatter_nd       data, indices(I64)[…,q], updates → y; `reduction`
//                   none|add|mul|max|min, applied in index order
//  scatter_elements data, indices(I32, I64), updates → y; `axis`, `reduction`
//  gather_nd        data, indices(I64)[…,q] → y; `batch_dims` (0)
//  gather_elements  data, indices(I32, I64) → y; `axis`
//  reverse_sequence x, lengths(I64)[batch] → y; `batch_axis`, `time_axis`
//  pool_indices     x[N, C, s…] → y(I64)[N, C, o…]: the index in all of x of
//                   each window's maximum, the first of equal ones; `window`,
//                   `strides`, `dilations`, `pads` (before), `column_major` (0)
//  one_hot          indices(I32, I64), values[2] (off, on) → y; `axis`, the
//                   depth is the extent of y there; out of range: all off
//  observe          x(F32) → y: x as it is. An executor that was given
//                   ExecOptions::observe shows it x as number `index` (0)
//  refuse_when      condition(Bool) → y of any type: zeros; ends the run with
//                   InvalidInput and `reason` when the condition is `value` (1)
//
// Defaults stand in brackets. Indices may be negative (counted from the end)
// in scatter and gather kernels and must be in range, else InvalidInput.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_KERNELS_KERNELTABLE_H
#define HYBRIDC_KERNELS_KERNELTABLE_H

#include "hybridc/Kernels/Kernels.h"
#include "hybridc/Stream/Program.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc::exec {

struct KernelAttr {
  std::string_view name;
  stream::AttrKind kind;
  bool required;
  std::string_view doc;
};

struct KernelSpec {
  std::string_view name;
  uint8_t numIns, numOuts;
  std::vector<KernelAttr> attrs; ///< beside `name`; sorted
  std::string_view doc;
  /// What must hold of operands and attributes; empty when fine.
  std::string (*check)(const stream::Command &command);
  Result<std::unique_ptr<Kernel>> (*prepare)(const stream::Command &command,
                                             const PrepareOptions &options);
};

/// Sorted by name.
const std::vector<KernelSpec> &kernelSpecs();
/// nullptr when there is no kernel of that name.
const KernelSpec *findKernel(std::string_view name);

/// Whether an `Op::Kernel` command is well formed: its name, operands and
/// attributes. Empty when it is, else the reason.
std::string checkKernel(const stream::Command &command);

} // namespace hybridc::exec

#endif // HYBRIDC_KERNELS_KERNELTABLE_H
