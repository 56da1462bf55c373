//===- PrepareCommand.cpp - A command's operands and kernel ---------------===//
#include "Preparer.h"

#include "hybridc/Stream/CommandSpec.h"

#include <algorithm>
#include <fmt/format.h>

namespace hybridc::exec {

/// Commands that differ only in where their operands lie share a kernel.
static std::string shapeKey(const Command &command) {
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

Result<Operand> Preparer::operand(const View &view, bool write) const {
  Result<std::byte *> host = memory.resolve(view, trips, write);
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

Result<PreparedCommand> Preparer::prepareCommand(const Command &command) {
  PreparedCommand made;
  made.op = command.op;
  made.origin = command.origin;
  made.waits = command.waits;
  made.signals = command.signals;
  auto failure = [&](const Error &error) {
    std::string name(stream::specOf(command.op).name);
    if (command.origin < program.origins.size())
      name = fmt::format("node '{}' ({}), {}",
                         program.origins[command.origin].node,
                         program.origins[command.origin].op, name);
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
    vec = &program.vecPrograms[command.intOr("program", 0)];
  made.work = workOf(command, vec);
  bool analog = stream::specOf(command.op).engine == stream::EngineKind::Array;
  bool ideal = analog && command.intOr("ideal", 0) != 0;
  PrepareOptions how{.vec = vec, .threads = threads};
  if (options.observe)
    how.observer = &options.observe;
  std::string key = shapeKey(command);
  if (command.op == stream::Op::Conv && made.ins[1].steps.empty() &&
      memory.isConstant(command.ins[1])) {
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
      analog ? arrays.prepare(command, numCommands, threads, program)
             : prepareKernel(command, how);
  if (!kernel)
    return failure(kernel.error());
  made.kernel = std::move(*kernel);
  if (shared)
    *shared = made.kernel;
  mostScratch = std::max(mostScratch, made.kernel->scratchBytes());
  return made;
}

} // namespace hybridc::exec
