//===- PrepareBlock.cpp - Segments, branches and loops --------------------===//
#include "Preparer.h"
#include "Trace.h"

#include "hybridc/Kernels/Epilogue.h"

#include <algorithm>
#include <optional>

namespace hybridc::exec {

/// Segments of more commands keep their queues.
static constexpr size_t kMostUnrolled = 20000;

Status Preparer::prepareItems(const std::vector<stream::Item> &items,
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
Preparer::prepareSegment(const stream::Segment &segment) {
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
Preparer::prepareTrace(const std::vector<Command> &trace) {
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
    const stream::VecProgram &vecProgram =
        program.vecPrograms[trace[i].intOr("program", 0)];
    auto fused = fuseEpilogue(trace[i - 1], producer.kernel, trace[i],
                              vecProgram, threads);
    if (!fused)
      continue;
    mostScratch = std::max(mostScratch, fused->scratchBytes());
    producer.kernel = std::move(fused);
    producer.work += vec.work;
    std::move(vec.ins.begin(), vec.ins.end(), std::back_inserter(producer.ins));
    std::move(vec.outs.begin(), vec.outs.end(),
              std::back_inserter(producer.outs));
    made.commands.pop_back();
  }
  return made;
}

Result<PreparedBlock> Preparer::prepareBlock(const stream::Block &block) {
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
      Result<PreparedIf> own = prepareIf(*branch);
      if (!own)
        return own.error();
      made.nodes.emplace_back(std::move(*own));
      continue;
    }
    Result<PreparedLoop> own = prepareLoop(std::get<stream::Loop>(node.node));
    if (!own)
      return own.error();
    made.nodes.emplace_back(std::move(*own));
  }
  return made;
}

Result<PreparedIf> Preparer::prepareIf(const stream::If &branch) {
  PreparedIf made;
  Result<Operand> condition = operand(branch.condition, false);
  if (!condition)
    return condition.error();
  made.condition = std::move(*condition);
  for (auto [from, to] : {std::pair{&branch.thenBlock, &made.thenBlock},
                          std::pair{&branch.elseBlock, &made.elseBlock}}) {
    Result<PreparedBlock> inner = prepareBlock(*from);
    if (!inner)
      return inner.error();
    *to = std::make_unique<PreparedBlock>(std::move(*inner));
  }
  return made;
}

Result<PreparedLoop> Preparer::prepareLoop(const stream::Loop &loop) {
  PreparedLoop made;
  made.maxTrips = loop.maxTrips;
  if (trips.size() >= kMaxLoops)
    return invalidInput("too many nested loops");
  if (!loop.tripCount.empty()) {
    Result<Operand> count = operand(loop.tripCount[0], false);
    if (!count)
      return count.error();
    made.hasTripCount = true;
    made.tripCount = std::move(*count);
  }
  if (!loop.condition.empty()) {
    Result<Operand> condition = operand(loop.condition[0], false);
    if (!condition)
      return condition.error();
    made.hasCondition = true;
    made.condition = std::move(*condition);
  }
  trips.push_back(loop.maxTrips);
  Result<PreparedBlock> body = prepareBlock(loop.body);
  trips.pop_back();
  if (!body)
    return body.error();
  made.body = std::make_unique<PreparedBlock>(std::move(*body));
  return made;
}

Result<PreparedBlock> Preparer::prepareBody(const stream::Block &body) {
  entryBody = &body;
  return prepareBlock(body);
}

} // namespace hybridc::exec
