//===- DeviceTable.h - Rows of a peer beside rows of a study --*- C++ -*-===//
#ifndef HYBRIDC_TEST_VALIDATE_DEVICETABLE_H
#define HYBRIDC_TEST_VALIDATE_DEVICETABLE_H

#include "DeviceCsv.h"
#include "Validate.h"
#include "hybridc/Studies/Characterize.h"

#include <algorithm>
#include <cmath>

namespace hybridc::validate {

/// NaN, which no bound holds, if there is no such row or column.
inline double cellOf(const exec::StatTable &table, size_t row,
                     const char *column) {
  int at = table.column(column);
  if (row >= table.rows.size() || at < 0)
    return NAN;
  return table.rows[row][size_t(at)].number;
}

/// `share` of the value, or what chance allows two samples to differ.
inline double boundOf(double value, double share, double chance) {
  return std::max(share * std::fabs(value), chance);
}

} // namespace hybridc::validate

#endif // HYBRIDC_TEST_VALIDATE_DEVICETABLE_H
