//===- Table.h - One row for each ONNX op ---------------------*- C++ -*-===//
//
// Adding an op: write its importer in a file of lib/Import/ops, add a row to
// that family's table, run `hybridc-import-docs > docs/SupportedOps.md`.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_IMPORT_TABLE_H
#define HYBRIDC_LIB_IMPORT_TABLE_H

#include "llvm/ADT/ArrayRef.h"

#include <string>
#include <string_view>

namespace hybridc::import {

class Node;

struct OpRow {
  std::string_view name;
  int since; ///< first opset whose form is read (7: since ever)
  std::string_view becomes;
  std::string_view limits;
  void (*import)(Node &);
  std::string_view domain = "";
};

struct OpFamily {
  std::string_view title;
  llvm::ArrayRef<OpRow> rows;
};

// One function for each file of lib/Import/ops.
OpFamily unaryOps();
OpFamily activationOps();
OpFamily binaryOps();
OpFamily castOps();
OpFamily quantizeOps();
OpFamily matmulOps();
OpFamily einsumOps();
OpFamily convOps();
OpFamily poolOps();
OpFamily normalizeOps();
OpFamily reduceOps();
OpFamily shapeOps();
OpFamily moveOps();
OpFamily indexOps();
OpFamily resizeOps();
OpFamily constantOps();
OpFamily controlOps();
OpFamily recurrentOps();
OpFamily sequenceOps();

llvm::ArrayRef<OpFamily> opFamilies();
/// nullptr when the op has no row.
const OpRow *findImporter(std::string_view domain, std::string_view name);

} // namespace hybridc::import

#endif // HYBRIDC_LIB_IMPORT_TABLE_H
