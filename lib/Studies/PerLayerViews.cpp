//===- PerLayerViews.cpp - The layers as table, CSV and JSON --------------===//
#include "hybridc/Studies/PerLayer.h"

#include "hybridc/Report/TextTable.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

using namespace hybridc;
using namespace hybridc::studies;

/// As reports name it: the kind of array, else the engine.
static std::string engineOf(const Tap &tap) {
  if (tap.engine == "array" && !tap.kind.empty())
    return tap.kind;
  return tap.engine.empty() ? "ctl" : tap.engine;
}

static std::string precisionOf(const LayerRow &row) {
  return row.tap.format.empty() ? std::string(stream::nameOf(row.type))
                                : row.tap.format;
}

std::string studies::layersTable(const LayerTable &table, bool isJudged) {
  report::TextTable text(
      {"", "node", "op", "engine", "precision", "SQNR", "max abs", "l2 rel"},
      5);
  const LayerRow *worst = nullptr;
  size_t numOff = 0;
  for (const LayerRow &row : table.rows) {
    const Figures &figures = row.comparison.figures;
    std::string mark = row.isWorst ? "*" : "";
    if (isJudged && !row.comparison.isWithin) {
      mark += "FAIL";
      ++numOff;
    }
    if (row.isWorst)
      worst = &row;
    double snr = figures.snr_db();
    text.add({mark, report::shortened(row.tap.node, 44),
              report::shortened(row.tap.op, 24), engineOf(row.tap),
              precisionOf(row),
              figures.numOdd               ? "not finite"
              : std::isinf(snr) && snr > 0 ? "exact"
                                           : fmt::format("{:.1f} dB", snr),
              fmt::format("{:.3g}", figures.worst),
              fmt::format("{:.3g}", figures.l2Relative())});
  }
  std::string out = text.text();
  if (worst && worst->comparison.figures.numOdd)
    out += fmt::format("\n* worst: {}, {} elements are not finite\n",
                       report::shortened(worst->tap.node, 60),
                       worst->comparison.figures.numOdd);
  else if (worst)
    out += fmt::format("\n* worst: {}, SQNR {:.1f} dB\n",
                       report::shortened(worst->tap.node, 60),
                       worst->comparison.figures.snr_db());
  else
    out += "\nevery value is the exact one\n";
  if (numOff)
    out += fmt::format("{} of {} values are outside the tolerance\n", numOff,
                       table.rows.size());
  if (table.numUnmatched)
    out += fmt::format("{} further values exist in this precision only\n",
                       table.numUnmatched);
  return out;
}

std::string studies::layersCsv(const LayerTable &table) {
  std::string out =
      "name,op,group,engine,precision,sqnr_db,max_abs,l2_rel,cosine,worst\n";
  for (const LayerRow &row : table.rows) {
    const Figures &figures = row.comparison.figures;
    out += fmt::format(
        "{},{},{},{},{},{},{},{},{},{}\n", report::csvQuoted(row.tap.node),
        report::csvQuoted(row.tap.op), report::csvQuoted(row.tap.group),
        engineOf(row.tap), precisionOf(row), figures.snr_db(), figures.worst,
        figures.l2Relative(), figures.cosine(), row.isWorst ? 1 : 0);
  }
  return out;
}

std::string studies::layersJson(const LayerTable &table,
                                const std::string &model,
                                const CompileOptions &options,
                                const exec::ExecOptions &run) {
  using nlohmann::ordered_json;
  ordered_json layers = ordered_json::array();
  for (const LayerRow &row : table.rows) {
    const Figures &figures = row.comparison.figures;
    // JSON has no infinity: null is "no error at all".
    ordered_json snr;
    if (std::isfinite(figures.snr_db()))
      snr = figures.snr_db();
    layers.push_back({{"name", row.tap.node},
                      {"op", row.tap.op},
                      {"group", row.tap.group},
                      {"engine", engineOf(row.tap)},
                      {"precision", precisionOf(row)},
                      {"type", std::string(stream::nameOf(row.type))},
                      {"shape", row.shape},
                      {"sqnr_db", std::move(snr)},
                      {"max_abs", figures.worst},
                      {"l2_rel", figures.l2Relative()},
                      {"cosine", figures.cosine()},
                      {"not_finite", figures.numOdd},
                      {"is_within", row.comparison.isWithin},
                      {"is_worst", row.isWorst}});
  }
  ordered_json json = {{"schema_version", report::kSchemaVersion},
                       {"model", model},
                       {"target", options.target},
                       {"precision", options.precision},
                       {"noise", run.noise},
                       {"seed", run.seed},
                       {"layers", std::move(layers)},
                       {"unmatched", table.numUnmatched}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}
