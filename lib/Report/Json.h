//===- Json.h - JSON pieces that several views share -----------*- C++ -*-===//
#ifndef HYBRIDC_LIB_REPORT_JSON_H
#define HYBRIDC_LIB_REPORT_JSON_H

#include "hybridc/Report/Results.h"

#include <nlohmann/json.hpp>

#include <string>

namespace hybridc::report {

/// The JSON report, without occupancy and events.
nlohmann::ordered_json jsonOf(const Results &results);

/// Never fails: bytes that are no UTF-8 become U+FFFD.
std::string dumpJson(const nlohmann::ordered_json &json, int indent);

} // namespace hybridc::report

#endif // HYBRIDC_LIB_REPORT_JSON_H
