//===- Movement.cpp - copy, fill, vec, gather, kernel ---------------------===//
#include "Checks.h"

#include <fmt/format.h>

namespace hybridc::stream::checks {

// copy (C20) equal shapes and types.
std::string checkCopy(const Command &command) {
  const View &x = command.ins[0], &y = command.outs[0];
  if (x.shape != y.shape)
    return fmt::format("shape of x is {}, of y {}", shapeText(x.shape),
                       shapeText(y.shape));
  if (x.type != y.type)
    return fmt::format("type of x is {}, of y {}", nameOf(x.type),
                       nameOf(y.type));
  return {};
}

// fill (C21) the pattern fits the element.
std::string checkFill(const Command &command) {
  DType type = command.outs[0].type;
  int64_t bits = command.intOr("bits", 0);
  unsigned width = sizeOf(type) * 8;
  if (width < 64 && (bits < 0 || bits >> width != 0))
    return fmt::format("attribute 'bits': {} does not fit the {} bits of {}",
                       bits, width, nameOf(type));
  if (type == DType::Bool && bits > 1)
    return fmt::format("attribute 'bits': {} is no bool", bits);
  return {};
}

// vec (C22) every operand has the shape of the first output. That types and
// counts are the program's is (S22).
std::string checkVec(const Command &command) {
  const std::vector<int64_t> &shape = command.outs[0].shape;
  const CommandSpec &spec = specOf(command.op);
  for (size_t i = 0; i < command.ins.size(); ++i)
    if (command.ins[i].shape != shape)
      return fmt::format("{}: shape {} must be {} (broadcast by stride 0)",
                         operandName(spec, false, i),
                         shapeText(command.ins[i].shape), shapeText(shape));
  for (size_t i = 1; i < command.outs.size(); ++i)
    if (command.outs[i].shape != shape)
      return fmt::format("{}: shape {} must be {}", operandName(spec, true, i),
                         shapeText(command.outs[i].shape), shapeText(shape));
  if (command.intOr("program", -1) < 0)
    return "attribute 'program': is negative";
  return {};
}

// gather (C23) axis within data (C24) idx is i32 or i64 (C25) y's shape is
// data's with the axis replaced by idx's shape, same type (C26) something to
// pick from when something is picked.
std::string checkGather(const Command &command) {
  const View &data = command.ins[0], &idx = command.ins[1],
             &y = command.outs[0];
  int64_t axis = command.intOr("axis", -1);
  if (axis < 0 || axis >= static_cast<int64_t>(data.shape.size()))
    return fmt::format("attribute 'axis': {} is not a dimension of data {}",
                       axis, shapeText(data.shape));
  if (idx.type != DType::I32 && idx.type != DType::I64)
    return fmt::format("idx: type {} must be i32 or i64", nameOf(idx.type));
  std::vector<int64_t> expected(data.shape.begin(), data.shape.begin() + axis);
  expected.insert(expected.end(), idx.shape.begin(), idx.shape.end());
  expected.insert(expected.end(), data.shape.begin() + axis + 1,
                  data.shape.end());
  if (y.shape != expected)
    return fmt::format("y: shape {} must be {}", shapeText(y.shape),
                       shapeText(expected));
  if (y.type != data.type)
    return fmt::format("type of data is {}, of y {}", nameOf(data.type),
                       nameOf(y.type));
  if (data.shape[axis] == 0 && numElements(y) != 0)
    return "data: has no elements along the axis";
  return {};
}

// kernel (C27) it has a name; the executor checks the rest.
std::string checkKernel(const Command &command) {
  if (command.textOr("name", "").empty())
    return "attribute 'name': is empty";
  return {};
}

} // namespace hybridc::stream::checks
