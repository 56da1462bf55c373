//===- PeerNames.cpp - What aihwkit calls devices, fields and values ------===//
#include "hybridc/Studies/PeerNames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

using namespace hybridc;
using namespace hybridc::studies;

namespace {

struct Name {
  std::string_view peer, own;
};

constexpr Name devices[] = {
    {"PCMLikeNoiseModel", "pcm"},
    {"HermesNoiseModel", "pcm-hermes"},
    {"ReRamWan2022NoiseModel", "rram-wan2022"},
    {"ReRamCMONoiseModel", "rram-cmo-hfox"},
    {"CustomDriftPCMLikeNoiseModel", "pcm-custom"},
    {"StateIndependentNoiseModel", "state-independent"},
    {"ReRamESPresetDevice", "rram-es"},
    {"ReRamSBPresetDevice", "rram-sb"},
    {"ReRamArrayOMPresetDevice", "rram-om"},
    {"ReRamArrayHfO2PresetDevice", "rram-hfo2"},
    {"EcRamPresetDevice", "ecram-li"},
    {"EcRamMOPresetDevice", "ecram-mo"},
    {"CapacitorPresetDevice", "capacitor"},
    {"IdealizedPresetDevice", "idealized"},
    {"GokmenVlasovPresetDevice", "gokmen-vlasov"},
    {"PCMPresetDevice", "pcm-onesided"},
    {"ConstantStepDevice", "constant-step"},
    {"LinearStepDevice", "linear-step"},
    {"SoftBoundsDevice", "soft-bounds"},
    {"SoftBoundsReferenceDevice", "soft-bounds-ref"},
    {"SoftBoundsPmaxDevice", "soft-bounds-pmax"},
    {"ExpStepDevice", "exp-step"},
    {"PowStepDevice", "pow-step"},
    {"PowStepReferenceDevice", "pow-step-ref"},
    {"PiecewiseStepDevice", "piecewise-step"},
};

/// Fields that mean the same. Two names of this project's: both are set. A
/// name that ends in _# takes a list, numbered from 0.
constexpr Name fields[] = {
    // Conductances.
    {"t_0", "t0"},
    {"prog_coeff", "prog_c#"},
    {"prog_coeff_g_max_reference", "prog_g_max"},
    {"coeff_g_max_reference", "prog_g_max"},
    {"prog_noise_scale", "prog_scale"},
    {"read_noise_scale", "read_scale"},
    {"acceptance_range", "acceptance"},
    {"g_lst", "nu_g_#"},
    {"nu_mean_lst", "nu_mean_#"},
    {"nu_std_lst", "nu_std_#"},
    // Periphery.
    {"inp_res", "in_res"},
    {"inp_bound", "in_bound"},
    {"inp_noise", "in_noise"},
    {"inp_asymmetry", "in_asymmetry"},
    {"inp_sto_round", "in_rounding"},
    {"out_sto_round", "out_rounding"},
    {"nm_thres", "input_scale input_scale_limit"},
    {"nm_assumed_wmax", "worst_case_weight"},
    {"max_bm_factor", "bound_max_factor"},
    {"max_bm_res", "bound_max_step"},
    {"mv_type", "input_polarity"},
    {"v_offset_std", "v_offset"},
    {"w_read_asymmetry_dtod", "read_asymmetry"},
    // Training cells.
    {"write_noise_std", "write_noise"},
    {"apply_write_noise_on_set", "write_noise_on_set"},
    {"mult_noise", "multiplicative_noise"},
    {"dw_min_dtod_log_normal", "dw_min_log_normal"},
    {"pow_gamma", "gamma_up gamma_down"},
    {"pow_gamma_dtod", "gamma_up_dtod"},
    {"pow_up_down", "gamma_up_down"},
    {"pow_up_down_dtod", "gamma_up_down_dtod"},
    {"A_up", "a_up"},
    {"A_down", "a_down"},
    {"piecewise_up", "node_up_#"},
    {"piecewise_down", "node_down_#"},
    // Updates and algorithms.
    {"desired_bl", "max_pulses"},
    {"n_reads_per_transfer", "reads_per_transfer"},
    {"n_rows_per_transfer", "rows_per_transfer"},
    {"n_x_bins", "x_bins"},
    {"n_d_bins", "d_bins"},
    {"in_chop_prob", "chop_probability"},
    {"in_chop_random", "chop_random"},
    {"out_chop_prob", "out_chop_probability"},
    {"thres_scale", "threshold"},
    {"refresh_lower_thres", "refresh_lower"},
    {"refresh_upper_thres", "refresh_upper"},
    {"experimental_correct_accumulation", "correct_accumulation"},
    {"gamma_vec", "gamma_#"},
};

/// Values, written without underscores and in small letters.
constexpr Name words[] = {
    {"iterativeworstcase", "worstcase"},
    {"additiveconstant", "additive"},
    {"posnegseparate", "separate"},
    {"posnegseparatedigitalsum", "separatedigital"},
    {"stochasticcompressed", "stochastic"},
    {"deterministicimplicit", "deterministic"},
    {"nonewithdevice", "none"},
    {"singlefixed", "fixed"},
    {"singlesequential", "sequential"},
    {"singlerandom", "random"},
};

std::string plain(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c != '_')
      out += char(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::vector<std::string> parts(std::string_view text, char mark) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(mark, begin), text.size());
    std::string part(text.substr(begin, end - begin));
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    out.push_back(std::move(part));
    begin = end + 1;
  }
  return out;
}

/// A resolution may be a number of steps there, and none is written as one
/// that is not positive.
std::string resolution(const std::string &value) {
  double number = 0;
  auto [end, failed] =
      std::from_chars(value.data(), value.data() + value.size(), number);
  if (failed != std::errc() || end != value.data() + value.size())
    return value;
  return number > 1 ? fmt::format("{}", 1 / number) : number < 0 ? "0" : value;
}

} // namespace

std::string studies::ownDeviceName(const std::string &name) {
  for (const Name &device : devices)
    if (name == device.peer)
      return std::string(device.own);
  return name;
}

Result<std::vector<std::string>>
studies::ownSettings(const std::string &setting) {
  size_t at = setting.find('=');
  if (at == std::string::npos)
    return std::vector<std::string>{setting};
  std::string name = setting.substr(0, at), value = setting.substr(at + 1);
  if (name == "construction_seed")
    return usage("--set " + setting + ": cells are drawn from --seed");
  const Name *field =
      std::find_if(std::begin(fields), std::end(fields),
                   [&](const Name &f) { return name == f.peer; });
  if (name == "inp_res" || name == "out_res")
    value = resolution(value);
  if (name.ends_with("_sto_round"))
    if (int on = switchValue(value); on >= 0)
      value = on ? "stochastic" : "nearest";
  if (field == std::end(fields))
    return std::vector<std::string>{name + "=" + value};
  std::vector<std::string> out;
  if (field->own.ends_with('#')) {
    std::string stem(field->own.substr(0, field->own.size() - 1));
    if (value.starts_with('[') && value.ends_with(']'))
      value = value.substr(1, value.size() - 2);
    for (const std::string &number : parts(value, ','))
      out.push_back(fmt::format("{}{}={}", stem, out.size(), number));
    return out;
  }
  for (const std::string &own : parts(field->own, ' '))
    out.push_back(own + "=" + value);
  return out;
}

int studies::wordAmong(const std::vector<std::string> &among,
                       const std::string &value) {
  std::string wanted = plain(value);
  for (const Name &word : words)
    if (wanted == word.peer)
      wanted = word.own;
  for (size_t i = 0; i < among.size(); ++i)
    if (plain(among[i]) == wanted)
      return int(i);
  return -1;
}

int studies::switchValue(const std::string &value) {
  std::string text = plain(value);
  if (text == "true" || text == "on" || text == "yes" || text == "1")
    return 1;
  if (text == "false" || text == "off" || text == "no" || text == "0")
    return 0;
  return -1;
}
