//===- Formats.h - Which rate a format has --------------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_CHIP_FORMATS_H
#define HYBRIDC_LIB_CHIP_FORMATS_H

#include <map>
#include <string>
#include <string_view>

namespace hybridc::chip {

/// The name under which a chip lists a format: u8 → i8, bool → i8, and every
/// listed name to itself. Empty when it is no format at all.
std::string_view rateName(std::string_view format);
/// Bits of one element of a name that rateName yields.
unsigned bitsOf(std::string_view rateName);

/// The rate of `format` in `rates`; as a fallback that of f32, and failing
/// that a quarter of the slowest there is. 1 when `rates` is empty.
double rateOf(const std::map<std::string, double> &rates,
              std::string_view format);
/// The energy of one operation likewise: f32's, else four of the largest there
/// is.
double energyOf(const std::map<std::string, double> &energies,
                std::string_view format);

} // namespace hybridc::chip

#endif // HYBRIDC_LIB_CHIP_FORMATS_H
