//===- Write.cpp - Reports as files ---------------------------------------===//
#include "hybridc/Report/Report.h"
#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

namespace hybridc::report {

static constexpr struct {
  std::string_view ending;
  std::string (*view)(const Results &);
} kViews[] = {
    {".txt", toTable}, {".json", toJson}, {".csv", toCsv}, {".html", toHtml}};

Status checkReportPath(const std::string &path) {
  for (const auto &view : kViews)
    if (path.ends_with(view.ending))
      return {};
  return Error{ExitCode::Usage,
               fmt::format("report '{}': the ending says the form, one of "
                           ".txt, .json, .csv, .html",
                           path)};
}

Status writeReport(const Results &results, const std::string &path) {
  for (const auto &view : kViews)
    if (path.ends_with(view.ending))
      return writeTextFile(path, view.view(results));
  return checkReportPath(path);
}

} // namespace hybridc::report
