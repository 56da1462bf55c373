//===- Executor.cpp - From a program to what can be run -------------------===//
#include "hybridc/Executor/Executor.h"

#include "Arrays.h"
#include "Interpreter.h"
#include "Memory.h"
#include "Trace.h"
#include "hybridc/Kernels/Common.h"
#include "hybridc/Kernels/Epilogue.h"
#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/Verify.h"

#include <algorithm>
#include <fmt/format.h>
#include <omp.h>
#include <optional>
#include <unordered_map>

namespace hybridc::exec {
namespace {

using stream::Binding;

/// Segments of more commands keep their queues.
constexpr size_t kMostUnrolled = 20000;

/// Commands that differ only in where their operands lie share a kernel.
std::string shapeKey(const Command &command) {
  std::string key;
  auto number = [&](int64_t v) {
    key.append(reinterpret_cast<const char *>(&v), sizeof v);
  };
  auto text = [&](const std::string &s) {
    number(static_cast<int64_t>(s.size()));
    key += s;
  };
  number(static_cast<int64_t>(command.op));
  for (const auto *views : {&command.ins, &command.outs}) {
    number(static_cast<int64_t>(views->size()));
    for (const View &view : *views) {
      number(static_cast<int64_t>(view.type));
      number(static_cast<int64_t>(view.shape.size()));
      for (int64_t e : view.shape)
        number(e);
      for (int64_t s : view.strides)
        number(s);
    }
  }
  for (const stream::Attr &attr : command.attrs) {
    text(attr.name);
    number(static_cast<int64_t>(attr.ints.size()));
    for (int64_t v : attr.ints)
      number(v);
    number(static_cast<int64_t>(attr.floats.size()));
    for (double v : attr.floats)
      key.append(reinterpret_cast<const char *>(&v), sizeof v);
    text(attr.text);
  }
  return key;
}

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
  struct Entry {
    std::string name;
    std::vector<Binding> inputs, outputs;
    std::vector<std::byte *> inputData, outputData;
    PreparedBlock body;
  };

  const Entry *find(std::string_view name) const {
    for (const Entry &entry : entries)
      if (entry.name == name)
        return &entry;
    return nullptr;
  }
  /// The number of a binding, or an error that lists the names.
  static Result<size_t> findBinding(const std::vector<Binding> &bindings,
                                    std::string_view name, const char *what);
  /// A binding and where it lies.
  struct Place {
    const View &view;
    std::byte *data;
  };
  Result<Place> find(std::string_view entry, std::string_view name,
                     bool isInput) const;
  Status ensureProgrammed(std::string_view entry);
  Status runEntry(const Entry &entry);
  /// Programming and what the schedule does to the arrays until `age_s`.
  Status liveThrough(const Entry &program);
  std::vector<stream::Recalibration> recalibrations;

  // Preparation
  Result<PreparedBlock> prepareBlock(const stream::Block &block);
  Result<PreparedSegment> prepareSegment(const stream::Segment &segment);
  Result<PreparedTrace> prepareTrace(const std::vector<Command> &trace);
  Status prepareItems(const std::vector<stream::Item> &items,
                      PreparedQueue &queue);
  Result<PreparedCommand> prepareCommand(const Command &command);
  Result<Operand> operand(const View &view, bool write) const;

  const stream::Program *source = nullptr; ///< while preparing
  const stream::Block *entryBody = nullptr;
  ExecOptions options;
  unsigned threads = 1;
  std::vector<stream::Origin> origins;
  std::optional<Memory> memory;
  std::unique_ptr<Arrays> arrays;
  std::vector<Entry> entries;
  std::unordered_map<std::string, std::shared_ptr<Kernel>> kernels;
  std::vector<uint64_t> trips; ///< of the loops around, while preparing
  uint64_t numCommands = 0;
  size_t scratchBytes = 64;
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
  source = &program;
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
  for (const stream::Entry &entry : program.entries) {
    Entry own;
    own.name = entry.name;
    own.inputs = entry.inputs;
    own.outputs = entry.outputs;
    for (const Binding &binding : entry.inputs) {
      Result<std::byte *> host = memory->resolve(binding.view, {}, true);
      if (!host)
        return host.error();
      own.inputData.push_back(*host);
    }
    for (const Binding &binding : entry.outputs) {
      Result<std::byte *> host = memory->resolve(binding.view, {}, false);
      if (!host)
        return host.error();
      own.outputData.push_back(*host);
    }
    for (const auto *bindings : {&entry.inputs, &entry.outputs})
      for (const Binding &binding : *bindings)
        if (!isDense(binding.view))
          return invalidInput(fmt::format("entry '{}': '{}' is not dense",
                                          entry.name, binding.name));
    entryBody = &entry.body;
    Result<PreparedBlock> body = prepareBlock(entry.body);
    if (!body)
      return Error{body.error().code, fmt::format("entry '{}': {}", entry.name,
                                                  body.error().message)};
    own.body = std::move(*body);
    entries.push_back(std::move(own));
  }
  Result<Pages> pages = Pages::create(alignUp(scratchBytes));
  if (!pages)
    return pages.error();
  scratch = std::move(*pages);
  interpreter = std::make_unique<Interpreter>(
      origins, scratch.data(),
      Interpreter::Limits{options.maxCommands, options.maxWork},
      options.profile);
  kernels.clear(); // their users keep them
  source = nullptr;
  entryBody = nullptr;
  return {};
}

Result<Operand> ExecutorImpl::operand(const View &view, bool write) const {
  Result<std::byte *> host = memory->resolve(view, trips, write);
  if (!host)
    return host.error();
  Operand made{*host, view.steps};
  if (made.steps.size() > trips.size())
    made.steps.resize(trips.size());
  while (!made.steps.empty() && made.steps.back() == 0)
    made.steps.pop_back();
  if (stream::numElements(view) == 0)
    made.steps.clear();
  return made;
}

Result<PreparedCommand> ExecutorImpl::prepareCommand(const Command &command) {
  PreparedCommand made;
  made.op = command.op;
  made.origin = command.origin;
  made.waits = command.waits;
  made.signals = command.signals;
  auto failure = [&](const Error &error) {
    std::string name(stream::specOf(command.op).name);
    if (command.origin < origins.size())
      name = fmt::format("node '{}' ({}), {}", origins[command.origin].node,
                         origins[command.origin].op, name);
    return Error{error.code, name + ": " + error.message};
  };
  for (const View &view : command.ins) {
    Result<Operand> op = operand(view, false);
    if (!op)
      return failure(op.error());
    made.ins.push_back(std::move(*op));
  }
  for (const View &view : command.outs) {
    Result<Operand> op = operand(view, true);
    if (!op)
      return failure(op.error());
    made.outs.push_back(std::move(*op));
  }
  ++numCommands;
  const stream::VecProgram *vec = nullptr;
  if (command.op == stream::Op::Vec)
    vec = &source->vecPrograms[command.intOr("program", 0)];
  made.work = workOf(command, vec);
  bool analog = stream::specOf(command.op).engine == stream::EngineKind::Array;
  bool ideal = analog && command.intOr("ideal", 0) != 0;
  PrepareOptions how{.vec = vec, .threads = threads};
  if (options.observe)
    how.observer = &options.observe;
  std::string key = shapeKey(command);
  if (command.op == stream::Op::Conv && made.ins[1].steps.empty() &&
      memory->isConstant(command.ins[1])) {
    how.constantFilter = made.ins[1].base;
    key.append(reinterpret_cast<const char *>(&how.constantFilter),
               sizeof how.constantFilter);
  }
  // Products with noise count their own runs; everything else is shared.
  std::shared_ptr<Kernel> *shared =
      analog && !ideal ? nullptr : &kernels[std::move(key)];
  if (shared && *shared) {
    made.kernel = *shared;
    return made;
  }
  Result<std::unique_ptr<Kernel>> kernel =
      analog ? arrays->prepare(command, numCommands, threads, *source)
             : prepareKernel(command, how);
  if (!kernel)
    return failure(kernel.error());
  made.kernel = std::move(*kernel);
  if (shared)
    *shared = made.kernel;
  scratchBytes = std::max(scratchBytes, made.kernel->scratchBytes());
  return made;
}

Status ExecutorImpl::prepareItems(const std::vector<stream::Item> &items,
                                  PreparedQueue &queue) {
  for (const stream::Item &item : items) {
    if (const auto *repeat = std::get_if<stream::Repeat>(&item.node)) {
      if (trips.size() >= kMaxLoops)
        return invalidInput("too many nested loops");
      size_t begin = queue.code.size();
      queue.code.push_back({Instruction::Begin, 0, repeat->count});
      trips.push_back(repeat->count);
      if (Status s = prepareItems(repeat->body, queue); !s)
        return s;
      trips.pop_back();
      queue.code[begin].target = static_cast<uint32_t>(queue.code.size());
      queue.code.push_back({Instruction::End, static_cast<uint32_t>(begin), 0});
      continue;
    }
    Result<PreparedCommand> command =
        prepareCommand(std::get<Command>(item.node));
    if (!command)
      return command.error();
    queue.code.push_back(
        {Instruction::Run, static_cast<uint32_t>(queue.commands.size()), 0});
    queue.commands.push_back(std::move(*command));
  }
  return {};
}

Result<PreparedSegment>
ExecutorImpl::prepareSegment(const stream::Segment &segment) {
  PreparedSegment made;
  made.numSemaphores = segment.numSemaphores;
  for (const stream::Queue &queue : segment.queues) {
    made.queues.emplace_back();
    if (Status s = prepareItems(queue.items, made.queues.back()); !s)
      return s.error();
  }
  return made;
}

Result<PreparedTrace>
ExecutorImpl::prepareTrace(const std::vector<Command> &trace) {
  PreparedTrace made;
  for (size_t i = 0; i < trace.size(); ++i) {
    Result<PreparedCommand> prepared = prepareCommand(trace[i]);
    if (!prepared)
      return prepared.error();
    made.commands.push_back(std::move(*prepared));
    // A profile tells the two apart.
    if (!options.fuse || options.profile || i == 0 ||
        trace[i].op != stream::Op::Vec)
      continue;
    PreparedCommand &vec = made.commands.back();
    PreparedCommand &producer = made.commands[made.commands.size() - 2];
    const stream::VecProgram &program =
        source->vecPrograms[trace[i].intOr("program", 0)];
    auto fused =
        fuseEpilogue(trace[i - 1], producer.kernel, trace[i], program, threads);
    if (!fused)
      continue;
    scratchBytes = std::max(scratchBytes, fused->scratchBytes());
    producer.kernel = std::move(fused);
    producer.work += vec.work;
    std::move(vec.ins.begin(), vec.ins.end(), std::back_inserter(producer.ins));
    std::move(vec.outs.begin(), vec.outs.end(),
              std::back_inserter(producer.outs));
    made.commands.pop_back();
  }
  return made;
}

Result<PreparedBlock> ExecutorImpl::prepareBlock(const stream::Block &block) {
  PreparedBlock made;
  for (const stream::Node &node : block.nodes) {
    if (const auto *segment = std::get_if<stream::Segment>(&node.node)) {
      if (auto trace = options.unroll && trips.empty()
                           ? unrollSegment(*segment, kMostUnrolled)
                           : std::nullopt) {
        // Of several nodes, a later one may read what this one leaves behind.
        if (options.elideCopies)
          elideCopies(*trace, /*sramDies=*/&block == entryBody &&
                                  block.nodes.size() == 1);
        Result<PreparedTrace> own = prepareTrace(*trace);
        if (!own)
          return own.error();
        made.nodes.emplace_back(std::move(*own));
        continue;
      }
      Result<PreparedSegment> own = prepareSegment(*segment);
      if (!own)
        return own.error();
      made.nodes.emplace_back(std::move(*own));
      continue;
    }
    if (const auto *branch = std::get_if<stream::If>(&node.node)) {
      PreparedIf own;
      Result<Operand> condition = operand(branch->condition, false);
      if (!condition)
        return condition.error();
      own.condition = std::move(*condition);
      for (auto [from, to] : {std::pair{&branch->thenBlock, &own.thenBlock},
                              std::pair{&branch->elseBlock, &own.elseBlock}}) {
        Result<PreparedBlock> inner = prepareBlock(*from);
        if (!inner)
          return inner.error();
        *to = std::make_unique<PreparedBlock>(std::move(*inner));
      }
      made.nodes.emplace_back(std::move(own));
      continue;
    }
    const stream::Loop &loop = std::get<stream::Loop>(node.node);
    PreparedLoop own;
    own.maxTrips = loop.maxTrips;
    if (trips.size() >= kMaxLoops)
      return invalidInput("too many nested loops");
    if (!loop.tripCount.empty()) {
      Result<Operand> count = operand(loop.tripCount[0], false);
      if (!count)
        return count.error();
      own.hasTripCount = true;
      own.tripCount = std::move(*count);
    }
    if (!loop.condition.empty()) {
      Result<Operand> condition = operand(loop.condition[0], false);
      if (!condition)
        return condition.error();
      own.hasCondition = true;
      own.condition = std::move(*condition);
    }
    trips.push_back(loop.maxTrips);
    Result<PreparedBlock> body = prepareBlock(loop.body);
    trips.pop_back();
    if (!body)
      return body.error();
    own.body = std::make_unique<PreparedBlock>(std::move(*body));
    made.nodes.emplace_back(std::move(own));
  }
  return made;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

Result<size_t> ExecutorImpl::findBinding(const std::vector<Binding> &bindings,
                                         std::string_view name,
                                         const char *what) {
  std::string known;
  for (size_t i = 0; i < bindings.size(); ++i) {
    if (bindings[i].name == name)
      return i;
    known += (i ? ", '" : "'") + bindings[i].name + "'";
  }
  return invalidInput(fmt::format("there is no {} '{}'; there is {}", what,
                                  name,
                                  known.empty() ? std::string("none") : known));
}

static Error noEntry(std::string_view name) {
  return invalidInput(fmt::format("there is no entry '{}'", name));
}

Result<ExecutorImpl::Place> ExecutorImpl::find(std::string_view entryName,
                                               std::string_view name,
                                               bool isInput) const {
  const Entry *entry = find(entryName);
  if (!entry)
    return noEntry(entryName);
  const auto &bindings = isInput ? entry->inputs : entry->outputs;
  Result<size_t> index =
      findBinding(bindings, name, isInput ? "input" : "output");
  if (!index)
    return index.error();
  return Place{bindings[*index].view,
               (isInput ? entry->inputData : entry->outputData)[*index]};
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
  Result<Place> place = find(entryName, name, /*isInput=*/true);
  if (!place)
    return place.error();
  // Programming uses the same scratch memory, so it must come first.
  if (Status s = ensureProgrammed(entryName); !s)
    return s;
  const View &view = place->view;
  size_t expected = stream::numElements(view) * stream::sizeOf(view.type);
  if (bytes != expected)
    return invalidInput(fmt::format("input '{}': {} bytes given for {}, which "
                                    "takes {}",
                                    name, bytes, describe(view), expected));
  if (bytes)
    std::memcpy(place->data, data, bytes);
  return {};
}

Status ExecutorImpl::setInput(std::string_view name, const Tensor &tensor,
                              std::string_view entryName) {
  Result<Place> place = find(entryName, name, /*isInput=*/true);
  if (!place)
    return place.error();
  const View &view = place->view;
  View given;
  given.type = tensor.type;
  given.shape = tensor.shape;
  if (given.type != view.type || given.shape != view.shape)
    return invalidInput(fmt::format("input '{}' is {}, must be {}", name,
                                    describe(given), describe(view)));
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
  for (size_t i = 0; entry && i < entry->outputs.size(); ++i)
    if (entry->outputs[i].name == name)
      return entry->outputData[i];
  return nullptr;
}

Result<Tensor> ExecutorImpl::output(std::string_view name,
                                    std::string_view entryName) const {
  Result<Place> place = find(entryName, name, /*isInput=*/false);
  if (!place)
    return place.error();
  const View &view = place->view;
  Tensor tensor;
  tensor.type = view.type;
  tensor.shape = view.shape;
  const std::byte *data = place->data;
  tensor.bytes.assign(data, data + stream::numElements(view) *
                                       stream::sizeOf(view.type));
  return tensor;
}

Status ExecutorImpl::copyOutput(std::string_view name, void *data, size_t bytes,
                                std::string_view entryName) const {
  Result<Place> place = find(entryName, name, /*isInput=*/false);
  if (!place)
    return place.error();
  const View &view = place->view;
  size_t expected = stream::numElements(view) * stream::sizeOf(view.type);
  if (bytes != expected)
    return invalidInput(fmt::format("output '{}': room for {} bytes, {} takes "
                                    "{}",
                                    name, bytes, describe(view), expected));
  if (bytes)
    std::memcpy(data, place->data, bytes);
  return {};
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
