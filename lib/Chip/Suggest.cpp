//===- Suggest.cpp - "did you mean …?" ------------------------------------===//

#include "hybridc/Chip/Suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hybridc::chip {

/// Edits (insert, delete, replace, exchange neighbours) that turn `a` into `b`.
static size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1),
      row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1,
                         last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

// Words longer than any field are not worth comparing: a hostile file could
// ask for a great many of them.
static constexpr size_t kLongestWord = 64;

bool isCloseTo(std::string_view typed, std::string_view meant) {
  if (typed.size() > kLongestWord)
    return false;
  return editDistance(typed, meant) <= std::max<size_t>(1, meant.size() / 3) ||
         (typed.size() >= 4 &&
          (meant.starts_with(typed) || typed.starts_with(meant)));
}

std::string suggest(std::string_view typed,
                    const std::vector<std::string_view> &names) {
  std::string_view best;
  size_t bestDistance = ~size_t(0);
  if (typed.size() <= kLongestWord)
    for (std::string_view name : names)
      if (size_t distance = editDistance(typed, name);
          isCloseTo(typed, name) && distance < bestDistance) {
        best = name;
        bestDistance = distance;
      }
  if (!best.empty())
    return fmt::format("; did you mean '{}'?", best);
  if (names.empty() || names.size() > 24)
    return "";
  std::string known;
  for (std::string_view name : names)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
  return "; known here: " + known;
}

} // namespace hybridc::chip
