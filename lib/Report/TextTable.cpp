//===- TextTable.cpp - Tables in a terminal -------------------------------===//
#include "hybridc/Report/TextTable.h"

#include <fmt/format.h>

#include <algorithm>

namespace hybridc::report {

/// Code points of UTF-8.
static size_t width(const std::string &text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string TextTable::text() const {
  std::vector<size_t> widths(rows.front().size());
  for (const auto &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  std::string line;
  for (size_t w : widths)
    line += std::string(w, '-') + "  ";
  line.resize(line.size() - 2);
  std::string out;
  for (size_t r = 0; r < rows.size(); ++r) {
    if (r == 1 || std::find(rules.begin(), rules.end(), r) != rules.end())
      out += line + "\n";
    std::string cells;
    for (size_t i = 0; i < rows[r].size(); ++i) {
      std::string pad(widths[i] - width(rows[r][i]), ' ');
      cells += i < numLeft ? rows[r][i] + pad : pad + rows[r][i];
      cells += "  ";
    }
    cells.erase(cells.find_last_not_of(' ') + 1);
    out += cells + "\n";
  }
  return out;
}

std::string shortened(const std::string &name, size_t most) {
  if (name.size() <= most)
    return name;
  size_t first = name.find('+');
  std::string more;
  if (first != std::string::npos)
    more = fmt::format(" +{}", std::count(name.begin(), name.end(), '+'));
  std::string head = name.substr(0, first);
  if (head.size() + more.size() > most)
    head = "..." + head.substr(head.size() + more.size() + 3 - most);
  return head + more;
}

} // namespace hybridc::report
