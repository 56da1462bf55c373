//===- AdcStudy.cpp - characterize --what adc ---------------------------===//
#include "hybridc/Studies/ChipStudy.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"
#include "hybridc/Support/Parse.h"

#include <fmt/ranges.h>

#include <cmath>
#include <set>

using namespace hybridc;
using namespace hybridc::studies;

Result<chip::Chip> studies::chipWith(const std::string &target,
                                     const std::vector<std::string> &set) {
  auto chip = chip::loadChip(target);
  if (!chip)
    return chip;
  for (const std::string &text : set) {
    size_t at = text.find('=');
    if (at == std::string::npos || at == 0)
      return usage("--set " + text + ": expected FIELD=VALUE");
    if (Status status =
            chip::setField(*chip, text.substr(0, at), text.substr(at + 1));
        !status)
      return usage("--set " + text + ": " + status.error().message);
  }
  return chip;
}

Result<exec::StatTable>
studies::characterizeAdc(const std::string &target,
                         const std::vector<std::string> &set,
                         const ChipStudy &study) {
  auto chip = chipWith(target, set);
  if (!chip)
    return chip.error();
  auto listOf = [](const char *option,
                   const std::string &text) -> Result<std::vector<double>> {
    auto numbers = parseNumbers(text);
    if (!numbers)
      return numbers;
    for (double number : *numbers)
      if (!(number > 0) || !std::isfinite(number))
        return usage(fmt::format("{} {}: must be above 0", option, text));
    return numbers;
  };
  std::string technology = study.technology;
  if (technology.empty()) {
    if (chip->technology_nm <= 0)
      return usage(fmt::format("target '{}' states no technology_nm; give "
                               "--technology",
                               target));
    technology = fmt::format("{}", chip->technology_nm);
  }
  std::set<uint32_t> own;
  for (const chip::ArrayKind &array : chip->arrays)
    own.insert(array.outputBits());
  std::string ofArrays =
      own.empty() ? "4,6,8,10,12" : fmt::format("{}", fmt::join(own, ","));
  auto bits = listOf("--bits", study.bits.empty() ? ofArrays : study.bits);
  auto nm = listOf("--technology", technology);
  auto hz = listOf("--frequency", study.frequency);
  for (const auto *list : {&bits, &nm, &hz})
    if (!*list)
      return list->error();
  exec::StatTable table;
  table.columns = {"bits",      "technology_nm", "frequency_hz",
                   "energy_pj", "power_mw",      "area_um2"};
  for (double b : *bits)
    for (double t : *nm)
      for (double f : *hz) {
        double energy = chip::adcEnergy_pj(b, t, f);
        table.rows.push_back({exec::StatCell(b), exec::StatCell(t),
                              exec::StatCell(f), exec::StatCell(energy),
                              exec::StatCell(energy * f * 1e-9),
                              exec::StatCell(chip::adcArea_um2(b, t, f))});
      }
  return table;
}
