//===- StatTable.h - A table of texts and numbers ---------------*- C++ -*-===//
#ifndef HYBRIDC_STUDIES_STATTABLE_H
#define HYBRIDC_STUDIES_STATTABLE_H

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hybridc::exec {

/// A text, a number, or nothing, which is printed as an empty field.
struct StatCell {
  enum class Kind { Nothing, Text, Number };
  Kind kind = Kind::Nothing;
  double number = 0;
  std::string text;

  StatCell() = default;
  StatCell(double value) : kind(Kind::Number), number(value) {}
  StatCell(std::string value) : kind(Kind::Text), text(std::move(value)) {}
};

struct StatTable {
  std::vector<std::string> columns;
  std::vector<std::vector<StatCell>> rows;

  /// Column by name; negative if absent.
  int column(std::string_view name) const;
  /// RFC 4180, numbers in the shortest form that reads back equal.
  std::string csv() const;
  /// Columns side by side, for people: five digits.
  std::string text() const;
};

} // namespace hybridc::exec

#endif // HYBRIDC_STUDIES_STATTABLE_H
