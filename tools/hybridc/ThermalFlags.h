//===- ThermalFlags.h - Options about heat --------------------*- C++ -*-===//
#ifndef HYBRIDC_TOOLS_HYBRIDC_THERMALFLAGS_H
#define HYBRIDC_TOOLS_HYBRIDC_THERMALFLAGS_H

#include "Commands.h"

#include "hybridc/Clock/HeatStudy.h"

namespace hybridc::driver {

/// --thermal, --policy, --ambient, --limit, --duration, --duty, --thermal-csv.
class ThermalFlags {
public:
  void add(CLI::App &app);
  /// After parsing: reads the texts.
  Status finish();

  /// Adds the study to `results`. Without --thermal on or another of these
  /// options this happens only for reports, and a chip of unknown area is no
  /// error then. Prints the summary when it was asked for.
  Status study(const stream::Program &program, bool hasReports,
               report::Results &results) const;

private:
  exec::ThermalOptions options;
  std::string thermal = "auto", policy = "none", duration = "600s", csv;
  double ambient = 0, limit = 0;
  CLI::App *app = nullptr;

  bool wasGiven(const char *name) const {
    return app->get_option(name)->count() > 0;
  }
};

} // namespace hybridc::driver

#endif // HYBRIDC_TOOLS_HYBRIDC_THERMALFLAGS_H
