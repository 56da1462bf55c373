//===- Alternatives.h - Where a group could run, at what cost -*- C++ -*-===//
#ifndef HYBRIDC_DIALECT_HYB_TRANSFORMS_ALTERNATIVES_H
#define HYBRIDC_DIALECT_HYB_TRANSFORMS_ALTERNATIVES_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"
#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include <optional>
#include <string>

namespace hybridc::hyb {

/// The constant behind a value: through group arguments and data movement.
/// Null when it is not constant.
mlir::Value traceConstant(mlir::Value value);

/// One way to run a group.
struct Alternative {
  std::string engine; ///< array, mac, vec, ctl or dma
  std::string kind;   ///< of the arrays
  std::string format;
  double latency_ns = 0, energy_pj = 0, sqnr_db = 0;
  uint64_t arrays = 0;
  std::string whyNot; ///< why it is impossible; empty when it is possible

  /// "pcm" or "mac i8", for people.
  std::string label() const;
};

/// Engine kind of a group without a contraction.
std::string engineOf(GroupOp group);

/// "f32", "bf16", "i8": the format that the group's own types give.
std::string nativeFormat(GroupOp group);

/// How a group with a contraction runs on `mac` in a format, or a group
/// without one on its only engine.
Alternative digitalAlternative(GroupOp group, const chip::Chip &chip,
                               llvm::StringRef format);
/// How a group's contraction runs on arrays; `whyNot` says why it cannot.
/// `format`: analog or ideal.
Alternative analogAlternative(GroupOp group, const chip::Chip &chip,
                              const chip::ArrayKind &kind,
                              llvm::StringRef format);

} // namespace hybridc::hyb

#endif // HYBRIDC_DIALECT_HYB_TRANSFORMS_ALTERNATIVES_H
