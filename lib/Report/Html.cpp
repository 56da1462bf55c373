//===- Html.cpp - The report as one page ----------------------------------===//
#include "Json.h"
#include "Page.h"

#include "hybridc/Report/Report.h"

#include <algorithm>

namespace hybridc::report {

using nlohmann::ordered_json;

/// More boxes than this on one engine could not be told apart anyway.
constexpr size_t kMostBoxes = 2000;
constexpr size_t kMostPoints = 2000;

/// Boxes of one engine: commands of one row that follow each other closely are
/// one box, where "closely" grows until there are few enough.
static ordered_json boxesOf(const Results &results, uint32_t engine) {
  struct Box {
    uint64_t start, end;
    int32_t node;
  };
  std::vector<Box> all;
  for (const Event &event : results.events)
    if (event.engine == engine)
      all.push_back({event.start, event.end, event.node});
  std::vector<Box> boxes;
  for (uint64_t gap = 0;;
       gap = gap ? gap * 4 : results.totals.cycles / 4096 + 1) {
    boxes.clear();
    for (const Box &box : all) {
      if (!boxes.empty() && boxes.back().node == box.node &&
          box.start <= boxes.back().end + gap)
        boxes.back().end = std::max(boxes.back().end, box.end);
      else
        boxes.push_back(box);
    }
    if (boxes.size() <= kMostBoxes || gap > results.totals.cycles)
      break;
  }
  if (boxes.size() > kMostBoxes)
    boxes.resize(kMostBoxes);
  ordered_json json = ordered_json::array();
  for (const Box &box : boxes)
    json.push_back({box.start, box.end, box.node});
  return json;
}

/// Thinned out; each kept point has the most bytes of those it stands for.
static ordered_json pointsOf(const Results &results) {
  const auto &points = results.occupancy;
  size_t step = points.size() / kMostPoints + 1;
  ordered_json json = ordered_json::array();
  for (size_t i = 0; i < points.size(); i += step) {
    uint64_t bytes = 0;
    for (size_t j = i; j < std::min(points.size(), i + step); ++j)
      bytes = std::max(bytes, points[j].bytes);
    json.push_back({points[i].cycle, bytes});
  }
  return json;
}

static std::string escaped(const std::string &text) {
  std::string out;
  for (char c : text)
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    default:
      out += c;
    }
  return out;
}

static void replace(std::string &page, std::string_view mark,
                    const std::string &text) {
  size_t at = page.find(mark);
  if (at != std::string::npos)
    page.replace(at, mark.size(), text);
}

std::string toHtml(const Results &results) {
  ordered_json json = jsonOf(results);
  ordered_json timeline = ordered_json::array();
  for (uint32_t i = 0; i < results.engines.size(); ++i)
    timeline.push_back(boxesOf(results, i));
  json["timeline"] = std::move(timeline);
  json["timeline_truncated"] = results.eventsTruncated;
  json["occupancy"] = pointsOf(results);
  json["health"] = healthLines(results);
  json["cells_text"] = nlohmann::ordered_json::array();
  for (const CellsRow &row : results.cells)
    json["cells_text"].push_back(cellsText(row));
  std::string data = dumpJson(json, -1);
  // Nothing in a name may end the script element.
  std::string safe;
  for (char c : data) {
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  std::string page(pageTemplate());
  // The title stands before the data: this order finds the page's own marks.
  replace(page, "@DATA@", safe);
  replace(page, "@TITLE@", escaped(results.model + " on " + results.target));
  return page;
}

} // namespace hybridc::report
