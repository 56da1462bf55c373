//===- Options.cpp - Options that several subcommands share ---------------===//
#include "Commands.h"

#include "hybridc/Stream/Serialize.h"
#include "hybridc/Stream/Verify.h"

#include <charconv>

using namespace hybridc;
using namespace hybridc::driver;

static Error usage(std::string message) {
  return {ExitCode::Usage, std::move(message)};
}

/// Splits NAME=VALUE at the first (or, for names with '=', last) sign.
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

void CompileFlags::add(CLI::App &app) {
  app.add_option("--target", options.target,
                 "chip: a preset's name or a YAML file")
      ->capture_default_str()
      ->group("Model and chip");
  app.add_option("--dim", dims, "extent of a symbolic dimension, NAME=N")
      ->group("Model and chip");
  app.add_option("--shape", shapes, "shape of an input, NAME=1x3x224x224")
      ->group("Model and chip");
  app.add_option("--precision", options.precision,
                 "auto, exact, fp32, bf16, int8, int4 or analog")
      ->capture_default_str()
      ->check(CLI::IsMember(
          {"auto", "exact", "fp32", "bf16", "int8", "int4", "analog"}))
      ->group("Choices");
  app.add_option("--objective", options.objective,
                 "latency, throughput, energy or edp")
      ->capture_default_str()
      ->check(CLI::IsMember({"latency", "throughput", "energy", "edp"}))
      ->group("Choices");
  app.add_option("--accuracy-budget", options.accuracyBudget_pct,
                 "accuracy that may be lost, in percent")
      ->capture_default_str()
      ->group("Choices");
  app.add_option("--calibrate", options.calibration,
                 "inputs to find value ranges with: an .npz file or a folder")
      ->group("Choices");
  app.add_option("--place", place, "engine of a node, NODE=ENGINE")
      ->group("Choices");
  app.add_option("--set-precision", setPrecision,
                 "format of a node, NODE=FORMAT")
      ->group("Choices");
  app.add_flag("--no-fuse", noFuse, "every op is a group of its own")
      ->group("Choices");
  app.add_flag("--no-buffer-reuse", noReuse,
               "each buffer has bytes of its own, to compare results with")
      ->group("Choices");
}

Status CompileFlags::finish() {
  std::string name, value;
  for (const std::string &text : dims) {
    int64_t extent;
    if (!splitPair(text, name, value) || !parseExtent(value, extent))
      return usage("--dim " + text + ": expected NAME=N");
    options.import.dims[name] = extent;
  }
  for (const std::string &text : shapes) {
    if (!splitPair(text, name, value))
      return usage("--shape " + text + ": expected NAME=1x3x224x224");
    std::vector<int64_t> &shape = options.import.shapes[name];
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
  for (auto [list, table, option] :
       {std::tuple(&place, &options.place, "--place"),
        std::tuple(&setPrecision, &options.setPrecision, "--set-precision")})
    for (const std::string &text : *list) {
      if (!splitPair(text, name, value))
        return usage(std::string(option) + " " + text +
                     ": expected NODE=VALUE");
      (*table)[name] = value;
    }
  options.fuse = !noFuse;
  options.reuseBuffers = !noReuse;
  auto phase = parsePhase(to);
  if (!phase)
    return usage("--to " + to + ": there is no such phase; phases are " +
                 phaseNames());
  options.to = *phase;
  return {};
}

void RunFlags::add(CLI::App &app) {
  app.add_option("--noise", noise, "device physics of the arrays: on or off")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}))
      ->group("Run");
  app.add_option("--seed", options.seed, "seed of all noise")
      ->capture_default_str()
      ->group("Run");
  app.add_option("--age", age, "time since programming: 20s, 1h, 1d, 1y")
      ->capture_default_str()
      ->group("Run");
  app.add_option("--compensate", compensate,
                 "correction of drift: none, global or column")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "global", "column"}))
      ->group("Run");
  app.add_option("--threads", options.threads, "host threads; 0 = all")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024))
      ->group("Run");
}

Status RunFlags::finish() {
  options.noise = noise == "on";
  options.compensate = compensate == "none"     ? exec::Compensate::None
                       : compensate == "global" ? exec::Compensate::Global
                                                : exec::Compensate::Column;
  auto seconds = parseDuration(age);
  if (!seconds)
    return seconds.error();
  options.age_s = *seconds;
  return {};
}

Result<double> driver::parseDuration(const std::string &text) {
  double value = 0;
  auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(end, text.data() + text.size());
  double factor = unit == "s" || unit.empty() ? 1
                  : unit == "m"               ? 60
                  : unit == "h"               ? 3600
                  : unit == "d"               ? 86400
                  : unit == "y"               ? 31536000
                                              : 0;
  if (failed != std::errc() || factor == 0 || !(value >= 0) || value > 1e6)
    return usage("'" + text + "' is no time; write 20s, 5m, 1h, 1d or 1y");
  return value * factor;
}

Result<Loaded> driver::loadProgram(const std::string &path,
                                   const CompileOptions &options) {
  Loaded loaded;
  if (path.ends_with(".hyb")) {
    auto program = stream::readProgram(path);
    if (!program)
      return program.error();
    loaded.own = std::move(*program);
    if (Status status = stream::verifyProgram(loaded.own); !status)
      return invalidInput(path + ": " + status.error().message);
    return loaded;
  }
  loaded.compilation = std::make_unique<Compilation>(options);
  if (Status status = loaded.compilation->run(path); !status)
    return status.error();
  return loaded;
}
