//===- Verify.cpp - Entries and blocks ------------------------------------===//
#include "Verifier.h"

#include "hybridc/Stream/Serialize.h"

#include <charconv>
#include <set>

#include <fmt/format.h>

namespace hybridc::stream {

using namespace verify;

namespace {

/// "dma0" to "dma63", without leading zeros.
bool isDma(std::string_view engine) {
  if (!engine.starts_with("dma"))
    return false;
  unsigned number = 0;
  const char *first = engine.data() + 3, *last = engine.data() + engine.size();
  auto [end, failure] = std::from_chars(first, last, number);
  return failure == std::errc() && end == last && number < kMaxDmaChannels &&
         (*first != '0' || last - first == 1);
}

} // namespace

std::optional<EngineKind> engineKindOf(const Program &program,
                                       std::string_view engine) {
  for (EngineKind kind : {EngineKind::Mac, EngineKind::Vec, EngineKind::Ctl})
    if (engine == nameOf(kind))
      return kind;
  if (isDma(engine))
    return EngineKind::Dma;
  for (const ArrayTile &tile : program.arrays)
    if (engine == tile.engine)
      return EngineKind::Array;
  return std::nullopt;
}

namespace {

std::string checkBlock(const Program &program, const Block &block, Nest &nest,
                       unsigned depth, uint64_t &dynamic);

/// (S24) A condition or trip count: rank 0, of its type, readable.
std::string checkScalar(const Program &program, const View &view, DType type,
                        const Nest &nest) {
  if (std::string error = checkPlace(program, view, nest, false);
      !error.empty())
    return error;
  if (!view.shape.empty() || view.type != type)
    return fmt::format("must be one {}", nameOf(type));
  return {};
}

std::string checkIf(const Program &program, const If &branch, Nest &nest,
                    unsigned depth, uint64_t &dynamic) {
  std::string error = checkScalar(program, branch.condition, DType::Bool, nest);
  if (!error.empty())
    return fmt::format("condition: {}", error);
  if (error = checkOrigin(program, branch.origin); !error.empty())
    return error;
  uint64_t thenCount = 0, elseCount = 0;
  error = checkBlock(program, branch.thenBlock, nest, depth + 1, thenCount);
  if (error.empty())
    error = checkBlock(program, branch.elseBlock, nest, depth + 1, elseCount);
  dynamic = saturatingAdd(dynamic, saturatingAdd(thenCount, elseCount));
  return error;
}

std::string checkLoop(const Program &program, const Loop &loop, Nest &nest,
                      unsigned depth, uint64_t &dynamic) {
  // (S10) as for hardware loops, but a loop may leave its end to the data.
  if (loop.maxTrips == 0 || loop.maxTrips > kMaxLoopTrips)
    return fmt::format("runs {} times, must be within 1 to {}", loop.maxTrips,
                       kMaxLoopTrips);
  if (loop.tripCount.size() > 1 || loop.condition.size() > 1)
    return "has more than one trip count or condition";
  // Both are read outside of the body: the counter is not theirs to use.
  for (const View &view : loop.tripCount)
    if (std::string error = checkScalar(program, view, DType::I64, nest);
        !error.empty())
      return fmt::format("trip count: {}", error);
  for (const View &view : loop.condition)
    if (std::string error = checkScalar(program, view, DType::Bool, nest);
        !error.empty())
      return fmt::format("condition: {}", error);
  if (std::string error = checkOrigin(program, loop.origin); !error.empty())
    return error;
  uint64_t inner = 0;
  nest.push_back(loop.maxTrips);
  std::string error = checkBlock(program, loop.body, nest, depth + 1, inner);
  nest.pop_back();
  // Even an empty body takes its turns. How often a loop that depends on data
  // turns is for whoever runs it to limit.
  bool dependsOnData = !loop.tripCount.empty() || !loop.condition.empty();
  dynamic =
      saturatingAdd(dynamic, saturatingMul(saturatingAdd(inner, 1),
                                           dependsOnData ? 1 : loop.maxTrips));
  return error;
}

std::string checkBlock(const Program &program, const Block &block, Nest &nest,
                       unsigned depth, uint64_t &dynamic) {
  if (depth > kMaxBlockDepth)
    return fmt::format("nests more than {} blocks", kMaxBlockDepth);
  for (size_t i = 0; i < block.nodes.size(); ++i) {
    const Node &node = block.nodes[i];
    std::string error;
    if (auto *segment = std::get_if<Segment>(&node.node))
      error = checkSegment(program, *segment, nest, dynamic);
    else if (auto *branch = std::get_if<If>(&node.node))
      error = checkIf(program, *branch, nest, depth, dynamic);
    else
      error = checkLoop(program, *std::get_if<Loop>(&node.node), nest, depth,
                        dynamic);
    if (!error.empty())
      return fmt::format("node {}, {}", i, error);
  }
  return {};
}

std::string checkEntries(const Program &program) {
  std::set<std::string_view> names;
  for (const Entry &entry : program.entries) {
    std::string error = checkName(entry.name); // (S1)
    if (error.empty() && !names.insert(entry.name).second)
      error = "has the name of another";
    if (error.empty())
      error = checkBindings(program, entry);
    uint64_t dynamic = 0;
    Nest nest;
    if (error.empty())
      error = checkBlock(program, entry.body, nest, 0, dynamic);
    // (S25) Time is limited, too.
    if (error.empty() && dynamic > kMaxDynamicCommands)
      error = fmt::format("runs more than {} commands", kMaxDynamicCommands);
    if (!error.empty())
      return fmt::format("entry '{}', {}", entry.name, error);
  }
  return {};
}

} // namespace

Status verifyProgram(const Program &program) {
  std::string error = checkMemories(program);
  if (error.empty())
    error = checkTables(program);
  if (error.empty())
    error = checkEntries(program);
  if (error.empty())
    return {};
  return invalidInput(
      fmt::format("command stream for '{}': {}", program.model, error));
}

} // namespace hybridc::stream
