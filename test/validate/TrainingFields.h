//===- TrainingFields.h - Fields that a peer's table changed ----*- C++ -*-===//
#ifndef HYBRIDC_TEST_VALIDATE_TRAININGFIELDS_H
#define HYBRIDC_TEST_VALIDATE_TRAININGFIELDS_H

#include "DeviceCsv.h"
#include "hybridc/Devices/TrainingArray.h"

#include <algorithm>
#include <sstream>

namespace hybridc::validate {

/// "a=1 b=2" as fields; a choice by its word. False if training has no such
/// value.
inline bool setFields(const std::string &text, exec::DeviceParams &params,
                      exec::TrainingConfig &training) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    size_t at = word.find('=');
    std::string name = word.substr(0, at), value = word.substr(at + 1);
    double number;
    if (const auto *choices = exec::TrainingConfig::choicesOf(name)) {
      auto found = std::find(choices->begin(), choices->end(), value);
      number = double(found - choices->begin());
    } else {
      number = std::stod(value);
    }
    if (!training.hasField(name))
      params[name] = number;
    else if (!training.setField(name, number))
      return false;
  }
  return true;
}

inline std::string titleOf(const test::CsvRow &row) {
  return row.at("device") +
         (row.at("fields").empty() ? "" : " (" + row.at("fields") + ")");
}

} // namespace hybridc::validate

#endif // HYBRIDC_TEST_VALIDATE_TRAININGFIELDS_H
