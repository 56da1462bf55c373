//===- CompileTexts.cpp - CompileOptions as people write them -------------===//
#include "hybridc/Pipelines/CompileTexts.h"

#include "hybridc/Support/Npz.h"
#include "hybridc/Support/Parse.h"

#include <algorithm>
#include <charconv>
#include <tuple>

using namespace hybridc;

/// Splits NAME=VALUE at the last sign: names may have one.
static bool splitPair(const std::string &text, std::string &name,
                      std::string &value) {
  size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size())
    return false;
  name = text.substr(0, at);
  value = text.substr(at + 1);
  return true;
}

static bool parseExtent(std::string_view text, int64_t &value) {
  auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() &&
         value >= 0;
}

static Status readInputs(const CompileTexts &texts, ImportOptions &import) {
  std::string name, value;
  for (const std::string &text : texts.dims) {
    int64_t extent;
    if (!splitPair(text, name, value) || !parseExtent(value, extent))
      return usage("--dim " + text + ": expected NAME=N");
    import.dims[name] = extent;
  }
  for (const std::string &text : texts.shapes) {
    if (!splitPair(text, name, value))
      return usage("--shape " + text + ": expected NAME=1x3x224x224");
    std::vector<int64_t> &shape = import.shapes[name];
    shape.clear();
    for (size_t at = 0; value != "scalar" && at <= value.size();) {
      size_t end = std::min(value.find('x', at), value.size());
      int64_t extent;
      if (!parseExtent(std::string_view(value).substr(at, end - at), extent))
        return usage("--shape " + text + ": expected NAME=1x3x224x224");
      shape.push_back(extent);
      at = end + 1;
    }
  }
  for (const std::string &text : texts.values) {
    if (!splitPair(text, name, value))
      return usage("--value " + text + ": expected INPUT=V or INPUT=FILE.npy");
    FixedValue &fixed = import.values[name];
    fixed = {value, std::nullopt};
    if (!value.ends_with(".npy"))
      continue;
    auto array = readNpy(value);
    if (!array)
      return array.error();
    fixed.array = std::move(*array);
  }
  return {};
}

static Status readChoices(const CompileTexts &texts, CompileOptions &options) {
  std::string name, value;
  for (auto [list, table, option] :
       {std::tuple(&texts.place, &options.place, "--place"),
        std::tuple(&texts.setPrecision, &options.setPrecision,
                   "--set-precision")})
    for (const std::string &text : *list) {
      if (!splitPair(text, name, value))
        return usage(std::string(option) + " " + text +
                     ": expected NODE=VALUE");
      (*table)[name] = value;
    }
  for (const std::string &text : texts.extraPasses) {
    size_t at = text.find('='); // pipelines hold further ones
    auto phase = at == std::string::npos
                     ? std::nullopt
                     : parsePhase(std::string_view(text).substr(0, at));
    if (!phase || at + 1 == text.size())
      return usage("--run-pass " + text +
                   ": expected PHASE=PIPELINE, with a phase of " +
                   phaseNames());
    options.extraPasses.emplace_back(*phase, text.substr(at + 1));
  }
  return {};
}

/// "gain=1d,program=90d": when each falls due until the horizon.
static Status readIntervals(const std::string &text, CompileOptions &options) {
  for (size_t at = 0; at <= text.size();) {
    size_t end = std::min(text.find(',', at), text.size());
    std::string name, value;
    if (!splitPair(text.substr(at, end - at), name, value) ||
        (name != "gain" && name != "program"))
      return usage("--recalibrate " + text +
                   ": expected none, auto, or intervals such as "
                   "gain=1d,program=90d");
    at = end + 1;
    auto every = parseDuration(value);
    if (!every)
      return usage("--recalibrate: " + every.error().message);
    if (!(*every >= 1) || options.horizon_s / *every > 100000)
      return usage("--recalibrate " + text +
                   ": intervals are at least a second, and at most 100000 of "
                   "them until the horizon");
    std::vector<double> &times =
        name == "gain" ? options.gainAt_s : options.programAt_s;
    times.clear();
    for (unsigned i = 1; i * *every < options.horizon_s; ++i)
      times.push_back(i * *every);
  }
  return {};
}

static Status readRecalibration(const CompileTexts &texts,
                                CompileOptions &options) {
  if (!texts.horizon.empty()) {
    auto seconds = parseDuration(texts.horizon);
    if (!seconds)
      return usage("--horizon: " + seconds.error().message);
    options.horizon_s = *seconds;
  }
  options.driftBound = texts.driftBound_pct / 100;
  options.planRecalibration = texts.recalibrate == "auto";
  if (!options.planRecalibration && texts.boundsDrift)
    return usage("--drift-bound: what --recalibrate auto holds; without it, it "
                 "has no effect");
  if (texts.recalibrate == "none")
    return {};
  if (!(options.horizon_s > 0))
    return usage("--recalibrate " + texts.recalibrate +
                 " needs --horizon, how long the program is to be used");
  if (texts.recalibrate == "auto")
    return {};
  return readIntervals(texts.recalibrate, options);
}

Status hybridc::readCompileTexts(const CompileTexts &texts,
                                 CompileOptions &options) {
  if (Status status = readInputs(texts, options.import); !status)
    return status;
  if (Status status = readChoices(texts, options); !status)
    return status;
  return readRecalibration(texts, options);
}
