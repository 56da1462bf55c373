//===- Table.cpp - The table of ops and its documentation -----------------===//

#include "Table.h"

#include "hybridc/Import/Import.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace hybridc::import {

llvm::ArrayRef<OpFamily> opFamilies() {
  static const OpFamily families[] = {
      unaryOps(),    activationOps(), binaryOps(),  castOps(),
      quantizeOps(), matmulOps(),     einsumOps(),  convOps(),
      poolOps(),     normalizeOps(),  reduceOps(),  shapeOps(),
      moveOps(),     indexOps(),      resizeOps(),  constantOps(),
      controlOps(),  recurrentOps(),  sequenceOps()};
  return families;
}

const OpRow *findImporter(std::string_view domain, std::string_view name) {
  using Key = std::pair<std::string_view, std::string_view>;
  static const std::map<Key, const OpRow *> rows = [] {
    std::map<Key, const OpRow *> all;
    for (const OpFamily &family : opFamilies())
      for (const OpRow &row : family.rows)
        all.emplace(Key(row.domain, row.name), &row);
    return all;
  }();
  auto row = rows.find(Key(domain, name));
  return row == rows.end() ? nullptr : row->second;
}

} // namespace hybridc::import

namespace hybridc {

std::vector<SupportedOp> supportedOps() {
  std::vector<SupportedOp> ops;
  for (const import::OpFamily &family : import::opFamilies())
    for (const import::OpRow &row : family.rows)
      ops.push_back({row.domain, row.name, row.since, family.title, row.becomes,
                     row.limits});
  std::sort(ops.begin(), ops.end(), [](const auto &a, const auto &b) {
    return std::tie(a.domain, a.name) < std::tie(b.domain, b.name);
  });
  return ops;
}

std::string supportedOpsMarkdown() {
  std::vector<SupportedOp> ops = supportedOps();
  std::string text = fmt::format(
      "# Supported ONNX ops\n\n"
      "Generated from the table of lib/Import by `hybridc-import-docs`; a test "
      "compares them.\n\n"
      "Opset 7 to 28, IR up to 14. {} ops have a row of their own. A standard "
      "op without one is taken apart by\nONNX's own function body where it "
      "has one, a model-local function by its own. Element types: f16, bf16,\n"
      "f32, f64, bool, (u)int8 to (u)int64; strings, complex numbers and "
      "types below 8 bits are refused (exit 4), and\nso is every extent that "
      "is known only at run time.\n\n"
      "| op | since opset | becomes | refused (exit 4) |\n"
      "|---|---|---|---|\n",
      ops.size());
  for (const SupportedOp &op : ops)
    text += fmt::format("| {}{}{} | {} | {} | {} |\n", op.domain,
                        op.domain.empty() ? "" : ".", op.name, op.since,
                        op.becomes, op.limits);
  text += "\n`since opset` 7 stands for every form from opset 6 on: "
          "what opset 6 has of broadcasting is read, too.\n";
  return text;
}

} // namespace hybridc
