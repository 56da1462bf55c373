//===- Executor.cpp - From a program to what can be run -------------------===//
#include "hybridc/Executor/Executor.h"

#include "Entry.h"
#include "Preparer.h"
#include "hybridc/Kernels/Common.h"
#include "hybridc/Stream/Verify.h"

#include <algorithm>
#include <fmt/format.h>
#include <omp.h>
#include <optional>

namespace hybridc::exec {
namespace {

using stream::Binding;

class ExecutorImpl final : public Executor {
public:
  Status prepare(const stream::Program &program, const ExecOptions &given);

  const std::vector<Binding> *inputs(std::string_view entry) const override {
    const Entry *found = find(entry);
    return found ? &found->inputs : nullptr;
  }
  const std::vector<Binding> *outputs(std::string_view entry) const override {
    const Entry *found = find(entry);
    return found ? &found->outputs : nullptr;
  }
  Status setInput(std::string_view name, const void *data, size_t bytes,
                  std::string_view entry) override;
  Status setInput(std::string_view name, const Tensor &tensor,
                  std::string_view entry) override;
  Status run(std::string_view entry) override;
  Result<Tensor> output(std::string_view name,
                        std::string_view entry) const override;
  Status copyOutput(std::string_view name, void *data, size_t bytes,
                    std::string_view entry) const override;
  const void *outputData(std::string_view name,
                         std::string_view entry) const override;
  void reseed(uint64_t seed, double age_s) override {
    arrays->reseed(seed, age_s);
    options.age_s = age_s;
    programmed = false;
  }
  uint64_t numExecuted() const override { return interpreter->numExecuted(); }
  const std::vector<uint8_t> *decisions() const override {
    return interpreter->decisions();
  }
  std::vector<UpdateCount> updateCounts() const override {
    return arrays->updateCounts();
  }
  std::vector<CellEnergy> cellEnergies(std::string_view entry) const override {
    return arrays->cellEnergies(entry);
  }
  std::vector<OriginTime> profile() const override {
    return interpreter->profile();
  }

private:
  const Entry *find(std::string_view name) const {
    for (const Entry &entry : entries)
      if (entry.name == name)
        return &entry;
    return nullptr;
  }
  Status ensureProgrammed(std::string_view entry);
  Status runEntry(const Entry &entry);
  /// Programming and what the schedule does to the arrays until `age_s`.
  Status liveThrough(const Entry &program);
  std::vector<stream::Recalibration> recalibrations;

  ExecOptions options;
  unsigned threads = 1;
  std::vector<stream::Origin> origins;
  std::optional<Memory> memory;
  std::unique_ptr<Arrays> arrays;
  std::vector<Entry> entries;
  Pages scratch;
  std::unique_ptr<Interpreter> interpreter;
  bool programmed = false;
};

Status ExecutorImpl::prepare(const stream::Program &program,
                             const ExecOptions &given) {
  if (Status s = stream::verifyProgram(program); !s)
    return s;
  options = given;
  threads = given.threads ? given.threads
                          : static_cast<unsigned>(omp_get_max_threads());
  // oneDNN's primitives divide their work when they are made, among as many
  // threads as were asked for: a smaller team would leave a part undone.
  if (omp_get_max_active_levels() < 1)
    threads = 1;
  threads = std::clamp(
      threads, 1u,
      static_cast<unsigned>(std::clamp(omp_get_thread_limit(), 1, 1024)));
  origins = program.origins;
  recalibrations = program.recalibrations;
  Result<Memory> made = Memory::create(program);
  if (!made)
    return made.error();
  memory = std::move(*made);
  Result<std::unique_ptr<Arrays>> madeArrays = Arrays::create(program, given);
  if (!madeArrays)
    return madeArrays.error();
  arrays = std::move(*madeArrays);
  Preparer preparer(program, options, threads, *memory, *arrays);
  for (const stream::Entry &entry : program.entries) {
    Result<Entry> own = Entry::create(entry, *memory);
    if (!own)
      return own.error();
    Result<PreparedBlock> body = preparer.prepareBody(entry.body);
    if (!body)
      return Error{body.error().code, fmt::format("entry '{}': {}", entry.name,
                                                  body.error().message)};
    own->body = std::move(*body);
    entries.push_back(std::move(*own));
  }
  Result<Pages> pages = Pages::create(alignUp(preparer.scratchBytes()));
  if (!pages)
    return pages.error();
  scratch = std::move(*pages);
  interpreter = std::make_unique<Interpreter>(
      origins, scratch.data(),
      Interpreter::Limits{options.maxCommands, options.maxWork},
      options.profile);
  return {};
}

static Error noEntry(std::string_view name) {
  return invalidInput(fmt::format("there is no entry '{}'", name));
}

Status ExecutorImpl::runEntry(const Entry &entry) {
  int before = omp_get_max_threads(), dynamic = omp_get_dynamic();
  omp_set_num_threads(static_cast<int>(threads));
  omp_set_dynamic(0); // a team is as large as it was asked to be
  Status status = interpreter->run(entry.body);
  omp_set_dynamic(dynamic);
  omp_set_num_threads(before);
  return status;
}

Status ExecutorImpl::ensureProgrammed(std::string_view entry) {
  if (programmed || entry == "program")
    return {};
  programmed = true;
  const Entry *program = find("program");
  if (!program)
    return {};
  Status status = options.recalibrate && !recalibrations.empty()
                      ? liveThrough(*program)
                      : runEntry(*program);
  programmed = static_cast<bool>(status);
  return status;
}

/// Of all that happens to the arrays only the last programming and the last
/// update of gains after it leave a trace; these two are executed.
Status ExecutorImpl::liveThrough(const Entry &program) {
  double written_s = 0, age_s = options.age_s;
  uint64_t numWritten = 0;
  // How often, and when last, something happened until now.
  auto until = [&](const stream::Recalibration &r) {
    return std::upper_bound(r.at_s.begin(), r.at_s.end(), age_s);
  };
  for (const stream::Recalibration &r : recalibrations)
    if (auto end = until(r); r.entry == "program" && end != r.at_s.begin()) {
      numWritten = static_cast<uint64_t>(end - r.at_s.begin());
      written_s = *std::prev(end);
    }
  if (Status s = arrays->beginProgramming(Arrays::After::Fresh, numWritten); !s)
    return s;
  if (Status s = runEntry(program); !s)
    return s;
  for (const stream::Recalibration &r : recalibrations) {
    auto end = until(r);
    if (r.entry == "program" || end == r.at_s.begin() ||
        *std::prev(end) <= written_s)
      continue; // never, or just written: nothing has drifted
    const Entry *entry = find(r.entry);
    arrays->setClock(*std::prev(end) - written_s);
    if (Status s = entry ? runEntry(*entry) : Status(noEntry(r.entry)); !s)
      return s;
  }
  arrays->settle(age_s - written_s);
  return {};
}

Status ExecutorImpl::setInput(std::string_view name, const void *data,
                              size_t bytes, std::string_view entryName) {
  const Entry *entry = find(entryName);
  if (!entry)
    return noEntry(entryName);
  if (Result<Entry::Place> place = entry->find(name, /*isInput=*/true); !place)
    return place.error();
  // Programming uses the same scratch memory, so it must come first.
  if (Status s = ensureProgrammed(entryName); !s)
    return s;
  return entry->setInput(name, data, bytes);
}

Status ExecutorImpl::setInput(std::string_view name, const Tensor &tensor,
                              std::string_view entryName) {
  const Entry *entry = find(entryName);
  if (!entry)
    return noEntry(entryName);
  if (Status s = entry->checkInput(name, tensor); !s)
    return s;
  return setInput(name, tensor.bytes.data(), tensor.bytes.size(), entryName);
}

Status ExecutorImpl::run(std::string_view name) {
  const Entry *entry = find(name);
  if (!entry)
    return noEntry(name);
  if (Status s = ensureProgrammed(name); !s)
    return s;
  arrays->beginEntry(name);
  Status status = runEntry(*entry);
  if (name == "program")
    programmed = static_cast<bool>(status);
  return status;
}

const void *ExecutorImpl::outputData(std::string_view name,
                                     std::string_view entryName) const {
  const Entry *entry = find(entryName);
  return entry ? entry->outputAt(name) : nullptr;
}

Result<Tensor> ExecutorImpl::output(std::string_view name,
                                    std::string_view entryName) const {
  const Entry *entry = find(entryName);
  return entry ? entry->output(name) : noEntry(entryName);
}

Status ExecutorImpl::copyOutput(std::string_view name, void *data, size_t bytes,
                                std::string_view entryName) const {
  const Entry *entry = find(entryName);
  return entry ? entry->copyOutput(name, data, bytes) : noEntry(entryName);
}

} // namespace

Result<std::unique_ptr<Executor>>
Executor::create(const stream::Program &program, const ExecOptions &options) {
  auto executor = std::make_unique<ExecutorImpl>();
  try {
    if (Status s = executor->prepare(program, options); !s)
      return s.error();
  } catch (const std::bad_alloc &) {
    return doesNotFit("preparing the program needs more memory than there is");
  }
  return std::unique_ptr<Executor>(std::move(executor));
}

} // namespace hybridc::exec
