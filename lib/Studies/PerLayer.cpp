//===- PerLayer.cpp - How far each layer is from exact --------------------===//
#include "hybridc/Studies/PerLayer.h"

#include <fmt/format.h>

#include <cmath>

using namespace hybridc;
using namespace hybridc::studies;

namespace {
/// A build with its values in between as outputs.
struct Build {
  Loaded loaded;
  std::vector<Tap> taps;
  std::unique_ptr<exec::Executor> executor;
  const stream::Entry *entry = nullptr;
};
} // namespace

static Result<Build> runBuild(const std::string &model,
                              const CompileOptions &options,
                              const exec::ExecOptions &run,
                              const std::vector<NamedTensor> &inputs) {
  Build build;
  bool isTapped = false;
  // Engines and formats are chosen by then, and do not depend on the taps;
  // every value still has the model's type and shape.
  auto hook = [&](Phase phase, Compilation &compilation) {
    if (phase != Phase::Partition)
      return;
    build.taps = addTaps(compilation.module());
    isTapped = true;
  };
  auto loaded = loadProgram(model, options, inputs, hook);
  if (!loaded)
    return loaded.error();
  if (!isTapped)
    return unsupported(
        model + ": this text has been through phase 'partition', so no exact "
                "build can be made of it to compare with; --per-layer takes "
                "the model, or text of phase fuse or before");
  if (build.taps.empty())
    return unsupported(model + ": --per-layer needs a model with one entry "
                               "that computes something");
  build.loaded = std::move(*loaded);
  auto entry = findEntry(build.loaded.program(), "infer");
  if (!entry && build.loaded.program().entries.size() == 1)
    entry = &build.loaded.program().entries.front();
  if (!entry)
    return entry.error();
  build.entry = *entry;
  auto executor = exec::Executor::create(build.loaded.program(), run);
  if (!executor)
    return executor.error();
  build.executor = std::move(*executor);
  if (Status status = setInputs(*build.executor, *build.entry, inputs); !status)
    return status.error();
  if (Status status = build.executor->run(build.entry->name); !status)
    return status.error();
  return build;
}

Result<LayerTable>
studies::compareLayers(const std::string &model, const CompileOptions &options,
                       const exec::ExecOptions &run,
                       const std::vector<NamedTensor> &inputs,
                       const Tolerance &tolerance) {
  auto build = runBuild(model, options, run, inputs);
  if (!build)
    return build.error();
  // What the model says, as it says it: nothing placed, set or added.
  CompileOptions exact = options;
  exact.precision = "exact";
  exact.calibration.clear();
  exact.place.clear();
  exact.setPrecision.clear();
  exact.extraPasses.clear();
  exec::ExecOptions quiet;
  quiet.threads = run.threads;
  quiet.noise = false;
  auto reference = runBuild(model, exact, quiet, inputs);
  if (!reference)
    return reference.error();

  LayerTable table;
  auto pairs = matchTaps(build->taps, reference->taps);
  table.numUnmatched = build->taps.size() - pairs.size();
  size_t worst = 0;
  for (auto [here, there] : pairs) {
    auto got =
        build->executor->output(build->taps[here].output, build->entry->name);
    if (!got)
      return got.error();
    auto want = reference->executor->output(reference->taps[there].output,
                                            reference->entry->name);
    if (!want)
      return want.error();
    LayerRow row{build->taps[here], got->type, got->shape,
                 compareTensors(*got, *want, tolerance)};
    table.rows.push_back(std::move(row));
    // Not finite on one side is worse than any ratio.
    auto badness = [&](size_t i) {
      const Figures &figures = table.rows[i].comparison.figures;
      return std::pair(figures.numOdd > 0, -figures.snr_db());
    };
    if (badness(table.rows.size() - 1) > badness(worst))
      worst = table.rows.size() - 1;
  }
  if (!table.rows.empty()) {
    const Figures &figures = table.rows[worst].comparison.figures;
    table.rows[worst].isWorst = figures.numOdd > 0 || figures.error2 > 0;
  }
  auto outputs = getOutputs(*build->executor, *build->entry);
  if (!outputs)
    return outputs.error();
  for (NamedTensor &output : *outputs) {
    bool isTap =
        std::any_of(build->taps.begin(), build->taps.end(),
                    [&](const Tap &tap) { return tap.output == output.name; });
    if (!isTap)
      table.outputs.push_back(std::move(output));
  }
  return table;
}
