//===- TextTable.h - Tables in a terminal ---------------------*- C++ -*-===//
#ifndef HYBRIDC_REPORT_TEXTTABLE_H
#define HYBRIDC_REPORT_TEXTTABLE_H

#include <cstddef>
#include <string>
#include <vector>

namespace hybridc::report {

/// Columns as wide as their widest cell; the first `numLeft` to the left, the
/// others right.
class TextTable {
public:
  TextTable(std::vector<std::string> heads, size_t numLeft)
      : numLeft(numLeft), rows{std::move(heads)} {}

  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }
  /// A line between the rows before and those after; one is under the heads.
  void rule() { rules.push_back(rows.size()); }

  std::string text() const;

private:
  size_t numLeft;
  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> rules;
};

/// "/conv1/Conv +2" of "/conv1/Conv+/norm/BatchNormalization+/relu/Relu" where
/// the whole is too long; a single long name keeps its end.
std::string shortened(const std::string &name, size_t most);

} // namespace hybridc::report

#endif // HYBRIDC_REPORT_TEXTTABLE_H
