//===- RunProgram.cpp - Runs an entry, on one chip, as often as wanted ----===//
#include "hybridc/Studies/RunProgram.h"

#include "hybridc/Support/Parse.h"
#include "hybridc/Support/Process.h"
#include "hybridc/Support/Progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <omp.h>

using namespace hybridc;
using namespace hybridc::studies;

Status studies::readRunTexts(const RunTexts &texts,
                             exec::ExecOptions &options) {
  options.noise = texts.noise == "on";
  options.recalibrate = texts.schedule == "on";
  options.compensate = texts.compensate == "none" ? exec::Compensate::None
                       : texts.compensate == "global"
                           ? exec::Compensate::Global
                           : exec::Compensate::Column;
  auto seconds = parseDuration(texts.age);
  if (!seconds)
    return seconds.error();
  options.age_s = *seconds;
  return {};
}

static bool takes(const stream::Entry &entry, const NamedTensor &input) {
  return std::any_of(entry.inputs.begin(), entry.inputs.end(),
                     [&](const stream::Binding &binding) {
                       return binding.name == input.name;
                     });
}

/// The inputs without those that only another one of the entries that run
/// takes: what belongs to none of them is left, to be named.
static std::vector<NamedTensor> inputsOf(const stream::Entry &entry,
                                         const stream::Program &program,
                                         const RunRequest &request) {
  std::vector<std::string> names(request.before);
  names.push_back(request.entry);
  std::vector<NamedTensor> own;
  for (const NamedTensor &input : request.inputs)
    if (takes(entry, input) ||
        std::none_of(names.begin(), names.end(), [&](const std::string &name) {
          const stream::Entry *other = program.findEntry(name);
          return other && takes(*other, input);
        }))
      own.push_back(input);
  return own;
}

/// Sets the inputs of `entry` and runs it; the seconds that running took.
static Result<double> runOnce(const RunRequest &request,
                              const stream::Entry &entry,
                              const std::vector<NamedTensor> &inputs,
                              exec::Executor &executor) {
  if (!request.inputs.empty() || !request.mayLackInputs)
    if (Status status = setInputs(executor, entry, inputs); !status)
      return status.error();
  if (Status status = checkInputFiles(); !status)
    return status.error();
  auto start = std::chrono::steady_clock::now();
  if (Status status = executor.run(entry.name); !status)
    return status.error();
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return took.count();
}

static Status runBefore(const stream::Program &program,
                        const RunRequest &request, exec::Executor &executor) {
  for (const std::string &name : request.before) {
    auto entry = findEntry(program, name);
    if (!entry)
      return entry.error();
    auto seconds = runOnce(request, **entry,
                           inputsOf(**entry, program, request), executor);
    if (!seconds)
      return seconds.error();
  }
  return {};
}

Result<RunOutcome> studies::runProgram(const stream::Program &program,
                                       const RunRequest &request) {
  auto entry = findEntry(program, request.entry);
  if (!entry)
    return entry.error();
  auto created = exec::Executor::create(program, request.options);
  if (!created)
    return created.error();
  exec::Executor &executor = **created;
  if (Status status = runBefore(program, request, executor); !status)
    return status.error();
  RunOutcome outcome;
  std::vector<NamedTensor> inputs = inputsOf(**entry, program, request);
  Progress progress;
  for (unsigned i = 0; i < request.repeat; ++i) {
    progress.show(fmt::format("run {} of {}", i + 1, request.repeat));
    // Inputs may share their bytes with later values, so they are set anew.
    auto seconds = runOnce(request, **entry, inputs, executor);
    if (!seconds)
      return seconds.error();
    outcome.seconds.push_back(*seconds);
  }
  progress.clear();
  if (const std::vector<uint8_t> *taken = executor.decisions())
    outcome.decisions = *taken;
  outcome.updates = executor.updateCounts();
  outcome.cells = executor.cellEnergies(request.entry);
  outcome.profile = executor.profile();
  outcome.threads = request.options.threads
                        ? request.options.threads
                        : static_cast<unsigned>(omp_get_max_threads());
  auto outputs = getOutputs(executor, **entry);
  if (!outputs)
    return outputs.error();
  outcome.outputs = std::move(*outputs);
  return outcome;
}
