//===- FieldUnit.h - Units that people type into descriptions -*- C++ -*-===//
//
// Fields are numbers in the unit that their name ends in. What was typed with
// another unit is not read, but told in the field's.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_CHIP_FIELDUNIT_H
#define HYBRIDC_LIB_CHIP_FIELDUNIT_H

#include <optional>
#include <string>
#include <string_view>

namespace hybridc::chip {

/// "GHz" of "clock_ghz", "bytes" of "burst_bytes"; empty for plain numbers.
std::string unitOf(std::string_view key);

/// `value` with `unit` ("MHz", "GiB", "%") as a number for the field `key`;
/// nothing when the unit is none of it.
std::optional<double> inUnitOf(std::string_view key, double value,
                               std::string_view unit);

/// `value` of a field `typed` ("clock_mhz") as that of the field `key`, when
/// they differ in their unit alone.
std::optional<double> fromField(std::string_view typed, double value,
                                std::string_view key);

} // namespace hybridc::chip

#endif // HYBRIDC_LIB_CHIP_FIELDUNIT_H
