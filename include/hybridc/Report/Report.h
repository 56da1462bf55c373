//===- Report.h - Views of the results -------------------------*- C++ -*-===//
//
// The JSON is the one that scripts read; docs/Report.md documents every field.
// The page is one HTML file without any reference outside itself. The trace is
// in the trace-event format that Perfetto and Chrome's viewer open, with
// nanoseconds as fractions of its microseconds.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_REPORT_REPORT_H
#define HYBRIDC_REPORT_REPORT_H

#include "hybridc/Report/Results.h"
#include "hybridc/Support/Result.h"
#include "hybridc/Support/Units.h"

#include <string>
#include <string_view>

namespace hybridc::report {

/// Raised when a field goes or changes its meaning.
constexpr int kSchemaVersion = 1;

std::string toTable(const Results &results);
std::string toJson(const Results &results);
std::string toCsv(const Results &results);
std::string toHtml(const Results &results);
std::string toTrace(const Results &results);
/// Steady states and what a policy keeps, as in the table's report.
std::string toThermalTable(const exec::ThermalStudy &study);
/// One line for each moment: unmanaged, then managed; °C of each block.
std::string toThermalCsv(const exec::ThermalStudy &study);

/// Usage error that names the known endings when `path` has none of them.
Status checkReportPath(const std::string &path);
/// The view that the ending of `path` names (.txt .json .csv .html), written
/// whole or not at all.
Status writeReport(const Results &results, const std::string &path);

/// "12.3 days" and the like, of long times; "for ever" of infinity.
std::string spanText(double seconds);
/// "91.8 ± 0.1 % on 1000 samples, 2 noise seeds (91.7 91.9)".
std::string accuracyText(const Accuracy &accuracy);
/// What was remapped and how worn the arrays are, in a sentence or two each.
std::vector<std::pair<std::string, std::string>>
healthLines(const Results &results);
/// "pcm: 1.2 uJ of this run's inputs and conductances, 2 uJ expected".
std::string cellsText(const CellsRow &row);

using hybridc::bytesText, hybridc::csvQuoted, hybridc::energyText,
    hybridc::groupedText, hybridc::timeText, hybridc::withUnit;

} // namespace hybridc::report

#endif // HYBRIDC_REPORT_REPORT_H
