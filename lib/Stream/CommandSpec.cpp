//===- CommandSpec.cpp - A command by op or name --------------------------===//
#include "hybridc/Stream/CommandSpec.h"

#include <cstddef>

#include <fmt/format.h>

namespace hybridc::stream {

std::string_view nameOf(EngineKind kind) {
  switch (kind) {
  case EngineKind::Dma:
    return "dma";
  case EngineKind::Array:
    return "array";
  case EngineKind::Mac:
    return "mac";
  case EngineKind::Vec:
    return "vec";
  case EngineKind::Ctl:
    return "ctl";
  }
  return "<unknown engine>";
}

const CommandSpec &specOf(Op op) {
  auto index = static_cast<size_t>(op);
  // Out of range never gets past checkCommand; stay defined all the same.
  return commandSpecs()[index < kNumOps ? index : 0];
}

bool parseOp(std::string_view name, Op &op) {
  for (const CommandSpec &spec : commandSpecs())
    if (spec.name == name) {
      op = spec.op;
      return true;
    }
  return false;
}

std::string operandName(const CommandSpec &spec, bool isOut, size_t index) {
  const auto &names = isOut ? spec.outNames : spec.inNames;
  if (index < names.size())
    return std::string(names[index]);
  return fmt::format("{} {}", isOut ? "out" : "in", index);
}

} // namespace hybridc::stream
