//===- Explain.h - What was chosen for each group, and why -----*- C++ -*-===//
#ifndef HYBRIDC_PIPELINES_EXPLAIN_H
#define HYBRIDC_PIPELINES_EXPLAIN_H

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace hybridc {

/// One way to run a group, as partition estimated it.
struct Choice {
  std::string engine, kind, format, whyNot;
  double latency_ns = 0, energy_pj = 0;
  int64_t arrays = 0;

  /// "pcm", "mac i8".
  std::string label() const;
};

struct GroupChoice {
  std::string node, op, group, reason;
  Choice chosen;
  std::vector<Choice> alternatives; ///< the chosen one among them
};

/// Of every group of a module that has been partitioned (or not: then without
/// engines).
std::vector<GroupChoice> choicesOf(mlir::ModuleOp module);

std::string choicesTable(const std::vector<GroupChoice> &choices);
std::string choicesJson(const std::vector<GroupChoice> &choices,
                        const std::string &model, const std::string &target,
                        const std::string &objective);

} // namespace hybridc

#endif // HYBRIDC_PIPELINES_EXPLAIN_H
