//===- Formats.cpp - Which rate a format has ------------------------------===//

#include "Formats.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace hybridc::chip {

std::string_view rateName(std::string_view format) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 15>
      names{{{"f64", "f64"},
             {"f32", "f32"},
             {"f16", "f16"},
             {"bf16", "bf16"},
             {"f8", "f8"},
             {"i64", "i64"},
             {"i32", "i32"},
             {"i16", "i16"},
             {"i8", "i8"},
             {"i4", "i4"},
             {"u64", "i64"},
             {"u32", "i32"},
             {"u16", "i16"},
             {"u8", "i8"},
             {"bool", "i8"}}};
  for (const auto &[name, listed] : names)
    if (name == format)
      return listed;
  return {};
}

unsigned bitsOf(std::string_view rateName) {
  if (rateName.ends_with("64"))
    return 64;
  if (rateName.ends_with("16"))
    return 16;
  if (rateName.ends_with("8"))
    return 8;
  return rateName.ends_with("4") ? 4 : 32;
}

double rateOf(const std::map<std::string, double> &rates,
              std::string_view format) {
  auto it = rates.find(std::string(rateName(format)));
  if (it == rates.end())
    it = rates.find("f32");
  if (it != rates.end())
    return it->second;
  double slowest = std::numeric_limits<double>::infinity();
  for (const auto &[name, rate] : rates)
    slowest = std::min(slowest, rate);
  return rates.empty() ? 1 : slowest / 4;
}

double energyOf(const std::map<std::string, double> &energies,
                std::string_view format) {
  auto it = energies.find(std::string(rateName(format)));
  if (it == energies.end())
    it = energies.find("f32");
  if (it != energies.end())
    return it->second;
  double largest = 0;
  for (const auto &[name, energy] : energies)
    largest = std::max(largest, energy);
  return 4 * largest; // as rateOf()
}

} // namespace hybridc::chip
