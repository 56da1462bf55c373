//===- Common.cpp - checkCommand: what every command must satisfy ---------===//
#include "Checks.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hybridc::stream {

using namespace checks;

namespace {

std::string_view nameOf(AttrKind kind) {
  switch (kind) {
  case AttrKind::Ints:
    return "integers";
  case AttrKind::Floats:
    return "floats";
  case AttrKind::Text:
    return "text";
  }
  return "<unknown>";
}

/// (C36) As many operands as the command takes.
std::string checkCount(const char *what, size_t count, unsigned min,
                       unsigned max) {
  if (count >= min && (max == 255 || count <= max))
    return {};
  std::string range = max == 255   ? fmt::format("at least {}", min)
                      : min == max ? fmt::format("{}", min)
                                   : fmt::format("{} to {}", min, max);
  return fmt::format("takes {} {}, has {}", range, what, count);
}

/// (C33) An attribute carries values of its own kind alone.
std::string checkAttrValue(const Attr &attr) {
  if (static_cast<unsigned>(attr.kind) > static_cast<unsigned>(AttrKind::Text))
    return "unknown kind of attribute";
  if ((attr.kind != AttrKind::Ints && !attr.ints.empty()) ||
      (attr.kind != AttrKind::Floats && !attr.floats.empty()) ||
      (attr.kind != AttrKind::Text && !attr.text.empty()))
    return fmt::format("carries more than its {}", nameOf(attr.kind));
  if (attr.ints.size() > kMaxAttrValues ||
      attr.floats.size() > kMaxAttrValues || attr.text.size() > kMaxAttrValues)
    return fmt::format("has more than {} values", kMaxAttrValues);
  return {};
}

/// (C34) Names ascending, known, complete, of the right kind and number.
std::string checkAttrs(const Command &command, const CommandSpec &spec) {
  for (size_t i = 0; i < command.attrs.size(); ++i) {
    const Attr &attr = command.attrs[i];
    if (i > 0 && command.attrs[i - 1].name >= attr.name)
      return fmt::format("attribute '{}': attributes must be sorted by name "
                         "and unique",
                         attr.name);
    if (std::string error = checkAttrValue(attr); !error.empty())
      return fmt::format("attribute '{}': {}", attr.name, error);
    auto known =
        std::find_if(spec.attrs.begin(), spec.attrs.end(),
                     [&](const AttrSpec &s) { return s.name == attr.name; });
    if (known == spec.attrs.end()) {
      if (spec.openAttrs)
        continue;
      return fmt::format("has no attribute '{}'", attr.name);
    }
    if (known->kind != attr.kind)
      return fmt::format("attribute '{}': must be {}", attr.name,
                         nameOf(known->kind));
    size_t count = attr.kind == AttrKind::Ints     ? attr.ints.size()
                   : attr.kind == AttrKind::Floats ? attr.floats.size()
                                                   : 1;
    if (!known->list && count != 1)
      return fmt::format("attribute '{}': must be one value, has {}", attr.name,
                         count);
  }
  for (const AttrSpec &attr : spec.attrs)
    if (attr.required && !command.find(attr.name))
      return fmt::format("lacks attribute '{}' ({})", attr.name, attr.doc);
  return {};
}

/// (C35) A view is well formed by itself.
std::string checkViews(const Command &command, const CommandSpec &spec) {
  for (size_t i = 0; i < command.ins.size(); ++i)
    if (std::string error = checkView(command.ins[i]); !error.empty())
      return fmt::format("{}: {}", operandName(spec, false, i), error);
  for (size_t i = 0; i < command.outs.size(); ++i)
    if (std::string error = checkView(command.outs[i]); !error.empty())
      return fmt::format("{}: {}", operandName(spec, true, i), error);
  return {};
}

std::string checkFamily(const Command &command) {
  switch (command.op) {
  case Op::Copy:
    return checkCopy(command);
  case Op::Fill:
    return checkFill(command);
  case Op::Matmul:
    return checkMatmul(command);
  case Op::Conv:
    return checkConv(command);
  case Op::Mvm:
    return checkMvm(command);
  case Op::ProgramArray:
    return checkProgramArray(command);
  case Op::Vec:
    return checkVec(command);
  case Op::Reduce:
    return checkReduce(command);
  case Op::Pool:
    return checkPool(command);
  case Op::Normalize:
    return checkNormalize(command);
  case Op::Gather:
    return checkGather(command);
  case Op::Kernel:
    return checkKernel(command);
  case Op::ReadArray:
    return checkReadArray(command);
  case Op::SetGain:
    return checkSetGain(command);
  case Op::PulsedUpdate:
    return checkPulsedUpdate(command);
  case Op::ReadWeights:
    return checkReadWeights(command);
  case Op::RefreshPairs:
    return checkRefreshPairs(command);
  }
  return "unknown command";
}

} // namespace

std::string checkView(const View &view) {
  if (view.space != Space::Dram && view.space != Space::Sram)
    return "unknown memory space";
  if (static_cast<unsigned>(view.type) >= kNumDTypes)
    return "unknown element type";
  if (view.shape.size() > kMaxRank)
    return fmt::format("rank {} is more than {}", view.shape.size(), kMaxRank);
  if (view.strides.size() != view.shape.size())
    return fmt::format("has {} strides for rank {}", view.strides.size(),
                       view.shape.size());
  for (int64_t extent : view.shape)
    if (extent < 0 || extent > kMaxExtent)
      return fmt::format("extent {} is not within 0 to {}", extent, kMaxExtent);
  // Even where they multiply nothing: nobody should have to mind INT64_MIN.
  for (const std::vector<int64_t> *list : {&view.strides, &view.steps})
    for (int64_t distance : *list)
      if (distance < -kMaxDistance || distance > kMaxDistance)
        return fmt::format("{} {} is not within -{} to {}",
                           list == &view.strides ? "stride" : "step", distance,
                           kMaxDistance, kMaxDistance);
  if (numElements(view) > kMaxExtent)
    return fmt::format("shape {} has more than {} elements",
                       shapeText(view.shape), kMaxExtent);
  return {};
}

std::string checkCommand(const Command &command) {
  if (static_cast<unsigned>(command.op) >= kNumOps)
    return fmt::format("unknown command {}", static_cast<unsigned>(command.op));
  const CommandSpec &spec = specOf(command.op);
  std::string error =
      checkCount("inputs", command.ins.size(), spec.minIns, spec.maxIns);
  if (error.empty())
    error =
        checkCount("outputs", command.outs.size(), spec.minOuts, spec.maxOuts);
  if (error.empty() && command.ins.size() + command.outs.size() > kMaxOperands)
    error = fmt::format("has more than {} operands", kMaxOperands);
  if (error.empty())
    error = checkAttrs(command, spec);
  if (error.empty())
    error = checkViews(command, spec);
  if (error.empty())
    error = checkFamily(command);
  return error.empty() ? error : fmt::format("{}: {}", spec.name, error);
}

namespace checks {

bool isFloat(DType type) {
  return type == DType::F32 || type == DType::F64 || type == DType::F16 ||
         type == DType::BF16;
}

bool isSigned(DType type) {
  return type == DType::I8 || type == DType::I16 || type == DType::I32 ||
         type == DType::I64;
}

std::string shapeText(const std::vector<int64_t> &shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "x"));
}

std::string flags(const Command &command,
                  std::initializer_list<const char *> names) {
  for (const char *name : names)
    if (int64_t value = command.intOr(name, 0); value != 0 && value != 1)
      return fmt::format("attribute '{}': must be 0 or 1, is {}", name, value);
  return {};
}

std::string nonEmpty(const Command &command) {
  const CommandSpec &spec = specOf(command.op);
  for (size_t i = 0; i < command.ins.size(); ++i)
    if (numElements(command.ins[i]) == 0)
      return fmt::format("{}: has no elements", operandName(spec, false, i));
  for (size_t i = 0; i < command.outs.size(); ++i)
    if (numElements(command.outs[i]) == 0)
      return fmt::format("{}: has no elements", operandName(spec, true, i));
  return {};
}

std::string axes(const Command &command, size_t rank) {
  int64_t last = -1;
  const std::vector<int64_t> &list = command.ints("axes");
  if (list.empty())
    return "attribute 'axes': is empty";
  for (int64_t axis : list) {
    if (axis < 0 || axis >= static_cast<int64_t>(rank))
      return fmt::format("attribute 'axes': {} is not within 0 to {}", axis,
                         static_cast<int64_t>(rank) - 1);
    if (axis <= last)
      return "attribute 'axes': must be ascending and unique";
    last = axis;
  }
  return {};
}

std::string kindAmong(const Command &command,
                      std::initializer_list<const char *> names) {
  std::string_view kind = command.textOr("kind", "");
  for (const char *name : names)
    if (kind == name)
      return {};
  return fmt::format("attribute 'kind': '{}' is none of {}", kind,
                     fmt::join(names, ", "));
}

} // namespace checks
} // namespace hybridc::stream
