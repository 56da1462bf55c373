//===- Write.cpp - Reports as files ---------------------------------------===//
#include "hybridc/Report/Report.h"
#include "hybridc/Support/OutputFile.h"

#include <fmt/format.h>

namespace hybridc::report {

Status writeTextFile(const std::string &path, std::string_view text) {
  OutputFile file;
  if (Status status = file.open(path); !status)
    return status;
  if (Status status = file.write(text); !status)
    return status;
  return file.keep();
}

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
