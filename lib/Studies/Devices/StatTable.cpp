//===- StatTable.cpp - A table of texts and numbers -----------------------===//
#include "hybridc/Studies/StatTable.h"
#include "hybridc/Support/Units.h"

#include "Statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace hybridc::exec {

int StatTable::column(std::string_view name) const {
  auto at = std::find(columns.begin(), columns.end(), name);
  return at == columns.end() ? -1 : int(at - columns.begin());
}

std::string detail::shortest(double value) {
  char text[40];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

std::string StatTable::csv() const {
  std::string out;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i)
      out += ',';
    out += csvQuoted(columns[i]);
  }
  out += '\n';
  for (const auto &row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i)
        out += ',';
      if (row[i].kind == StatCell::Kind::Text)
        out += csvQuoted(row[i].text);
      else if (row[i].kind == StatCell::Kind::Number)
        out += detail::shortest(row[i].number);
    }
    out += '\n';
  }
  return out;
}

static std::string cellText(const StatCell &cell) {
  switch (cell.kind) {
  case StatCell::Kind::Nothing:
    return "";
  case StatCell::Kind::Text:
    return cell.text;
  case StatCell::Kind::Number:
    return fmt::format("{:.5g}", cell.number);
  }
  return "";
}

std::string StatTable::text() const {
  std::vector<std::vector<std::string>> lines = {columns};
  for (const auto &row : rows) {
    std::vector<std::string> &line = lines.emplace_back();
    for (size_t i = 0; i < row.size() && i < columns.size(); ++i)
      line.push_back(cellText(row[i]));
  }
  std::vector<size_t> widths(columns.size());
  for (const auto &line : lines)
    for (size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size());
  std::string out;
  for (const auto &line : lines) {
    for (size_t i = 0; i < line.size(); ++i)
      out += fmt::format("{}{:>{}}", i ? "  " : "", line[i], widths[i]);
    out += '\n';
  }
  return out;
}

} // namespace hybridc::exec
