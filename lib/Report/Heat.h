//===- Heat.h - The views of what heat does -------------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_REPORT_HEAT_H
#define HYBRIDC_LIB_REPORT_HEAT_H

#include "hybridc/Clock/HeatStudy.h"

#include <nlohmann/json.hpp>

#include <string>

namespace hybridc::report {

/// The member "thermal" of the JSON report.
nlohmann::ordered_json heatJson(const exec::ThermalStudy &study);
/// The lines and the table of the text report.
std::string heatTable(const exec::ThermalStudy &study);

} // namespace hybridc::report

#endif // HYBRIDC_LIB_REPORT_HEAT_H
