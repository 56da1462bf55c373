//===- Programs.cpp - Programs to run, and their inputs -------------------===//
#include "hybridc/Studies/Programs.h"

#include "hybridc/Executor/CheckStream.h"
#include "hybridc/Pipelines/Plugins.h"
#include "hybridc/Support/OutputFile.h"
#include "hybridc/Support/Process.h"
#include "hybridc/Support/Progress.h"
#include "hybridc/Support/Version.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <sys/resource.h>
#include <unistd.h>

using namespace hybridc;
using namespace hybridc::studies;

static uint64_t peakRss() {
  rusage used = {};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<uint64_t>(used.ru_maxrss) * 1024;
}

/// What one needs to see the defect again, and where it is.
static Error withReproducer(Error error, const std::string &path,
                            Compilation &compilation,
                            const CompileOptions &options) {
  std::error_code failed;
  std::string stem = (std::filesystem::temp_directory_path(failed) /
                      fmt::format("hybridc-reproducer-{}", ::getpid()))
                         .string();
  std::string file = stem + ".mlir", archive = stem + ".npz";
  std::string text = fmt::format(
      "// hybridc {}: internal error\n// {}\n// model {}, target {}, precision "
      "{}, objective {}\n// The module as the failing phase left it:\n",
      version(), error.message.substr(0, error.message.find('\n')), path,
      options.target, options.precision, options.objective);
  if (!failed && compilation.hasModule()) {
    Resources resources;
    collectResources(compilation.module(), resources);
    TextWeights weights{TextWeights::Mode::Beside, pathFromText(archive, file)};
    if (resources.empty())
      weights = {TextWeights::Mode::Inline, {}};
    else if (!writeWeights(resources, archive))
      weights = {};
    text += printModule(compilation.module(), weights, /*locations=*/true);
  }
  if (!failed && writeTextFile(file, text))
    error.message +=
        "\n  this is a defect of hybridc; a reproducer is in " + file;
  return error;
}

Result<Loaded> studies::compileModel(const std::string &path,
                                     CompileOptions options,
                                     const PhaseHook &hook) {
  auto start = std::chrono::steady_clock::now();
  Progress progress;
  Loaded loaded;
  options.onPhase = [&](Phase phase, bool isDone) {
    if (!isDone)
      progress.show(fmt::format("{}: {}", path, nameOf(phase)));
    else if (hook)
      hook(phase, *loaded.compilation);
  };
  loaded.compilation = std::make_unique<Compilation>(options);
  Status status = loaded.compilation->run(path);
  progress.clear();
  // A study compiles a model often; what it has to say is said once.
  static std::set<std::string> said;
  for (const std::string &remark : loaded.compilation->remarks())
    if (said.insert(path + remark).second)
      fmt::print(stderr, "hybridc: {}\n", remark);
  if (!status)
    return status.error().code == ExitCode::Internal
               ? withReproducer(status.error(), path, *loaded.compilation,
                                options)
               : status.error();
  loaded.compileInfo.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  loaded.compileInfo.peakRss_bytes = peakRss();
  for (const PhaseTime &phase : loaded.compilation->times())
    loaded.compileInfo.phases.emplace_back(phase.name, phase.seconds);
  return loaded;
}

Status studies::dropFixed(const ImportOptions &options,
                          std::vector<NamedTensor> &inputs) {
  for (const auto &[name, fixed] : options.values) {
    auto found = std::find_if(
        inputs.begin(), inputs.end(),
        [&](const NamedTensor &input) { return input.name == name; });
    if (found == inputs.end())
      continue;
    std::vector<double> given = asDoubles(found->tensor), wanted;
    if (fixed.array) {
      auto tensor = fromNpy(*fixed.array, fixed.text);
      if (!tensor)
        return tensor.error();
      wanted = asDoubles(tensor->tensor);
    } else {
      double value = fixed.text == "true";
      std::from_chars(fixed.text.data(), fixed.text.data() + fixed.text.size(),
                      value);
      wanted.assign(given.size(), value);
    }
    if (given != wanted)
      return invalidInput(
          fmt::format("{}: input '{}' differs from --value {}={}",
                      found->source, name, name, fixed.text));
    inputs.erase(found);
  }
  return {};
}

Result<Loaded> studies::loadProgram(const std::string &path,
                                    CompileOptions options,
                                    const std::vector<NamedTensor> &inputs,
                                    const PhaseHook &hook) {
  if (path.ends_with(".hyb")) {
    // Its chip may name their rules.
    if (Status status = loadPlugins(options.plugins, nullptr); !status)
      return status.error();
    auto program =
        exec::loadStream(path, options.hazards != HazardChecks::Never);
    if (!program)
      return program.error();
    Loaded loaded;
    loaded.own = std::move(*program);
    return loaded;
  }
  bool isTaken = false;
  std::string source; // the file that the last shape came from
  if (!path.ends_with(".mlir"))
    for (const NamedTensor &input : inputs) {
      if (!input.notNumbers.empty())
        continue; // refused by what the model takes
      bool isNew = false;
      if (input.position >= 0)
        isNew = options.import.numberedShapes
                    .emplace(input.position,
                             std::pair(input.name, input.tensor.shape))
                    .second;
      else if (!input.name.empty())
        isNew = options.import.shapes.emplace(input.name, input.tensor.shape)
                    .second;
      if (isNew) {
        isTaken = true;
        source = input.source;
      }
    }
  auto loaded = compileModel(path, options, hook);
  if (!loaded && isTaken && loaded.error().code == ExitCode::Usage &&
      loaded.error().message.starts_with("--shape"))
    return invalidInput(fmt::format("{}: the inputs do not fit {} (their "
                                    "shapes were taken as --shape): {}",
                                    source, path, loaded.error().message));
  return loaded;
}

Result<report::Results>
Loaded::collect(const std::string &entry,
                const report::CollectOptions &options) const {
  auto results = report::collect(program(), entry, options);
  if (results && compilation)
    results->compile = compileInfo;
  return results;
}
