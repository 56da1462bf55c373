//===- VecProgramCheck.cpp - Vector programs are well formed --------------===//
#include "Checks.h"

#include "hybridc/Stream/VecIsa.h"

#include <fmt/format.h>

namespace hybridc::stream {

namespace {

using checks::isFloat;

bool validType(DType type) { return static_cast<unsigned>(type) < kNumDTypes; }

/// No arithmetic on Bool: Add … Sign, Shl, Shr, and the order comparisons.
bool refusesBool(VecOp op) {
  return (op >= VecOp::Add && op <= VecOp::Sign) ||
         (op >= VecOp::Lt && op <= VecOp::Ge) || op == VecOp::Shl ||
         op == VecOp::Shr;
}

class ProgramChecker {
public:
  explicit ProgramChecker(const VecProgram &program)
      : program(program), defined(program.registers.size()),
        stored(program.numOuts), inTypes(program.numIns),
        inSeen(program.numIns) {}

  std::string run() {
    for (size_t i = 0; i < program.instrs.size(); ++i)
      if (std::string error = check(program.instrs[i]); !error.empty())
        return fmt::format("instruction {}: {}", i, error);
    // (V7) Every output is stored, once.
    for (size_t i = 0; i < stored.size(); ++i)
      if (!stored[i])
        return fmt::format("output {} is never stored", i);
    return {};
  }

private:
  std::string check(const VecInstr &instr) {
    // (V1) Known instruction and type.
    if (instr.op >= kNumVecOps)
      return fmt::format("unknown instruction {}", instr.op);
    auto op = static_cast<VecOp>(instr.op);
    const VecOpInfo &info = infoOf(op);
    if (!validType(instr.type))
      return fmt::format("{}: unknown type", info.name);
    std::string error = checkUnused(instr, op, info);
    if (error.empty())
      error = checkOperands(instr, op, info);
    if (error.empty())
      error = checkImmediate(instr, op);
    if (error.empty() && info.writesRegister)
      error = define(instr, info);
    return error.empty() ? error : fmt::format("{}: {}", info.name, error);
  }

  /// (V2) Registers exist. (V3) Read after written. (V4) Of the right type.
  std::string read(uint16_t reg, DType type) {
    if (reg >= program.registers.size())
      return fmt::format("register r{} does not exist", reg);
    if (!defined[reg])
      return fmt::format("register r{} is read before it is written", reg);
    if (program.registers[reg] != type)
      return fmt::format("register r{} is {}, must be {}", reg,
                         nameOf(program.registers[reg]), nameOf(type));
    return {};
  }

  std::string checkOperands(const VecInstr &instr, VecOp op,
                            const VecOpInfo &info) {
    // (V5) Types that the instruction takes.
    if (info.floatOnly && !isFloat(instr.type))
      return fmt::format("takes floats, not {}", nameOf(instr.type));
    if (info.intOrBoolOnly && isFloat(instr.type))
      return fmt::format("takes integers or bool, not {}", nameOf(instr.type));
    if (refusesBool(op) && instr.type == DType::Bool)
      return "takes numbers, not bool";
    const uint16_t regs[3] = {instr.a, instr.b, instr.c};
    for (unsigned i = 0; i < info.numOperands; ++i) {
      DType type = op == VecOp::Select && i == 0 ? DType::Bool : instr.type;
      if (std::string error = read(regs[i], type); !error.empty())
        return error;
    }
    return {};
  }

  /// (V8) What an instruction does not use is zero.
  static std::string checkUnused(const VecInstr &instr, VecOp op,
                                 const VecOpInfo &info) {
    const uint16_t regs[3] = {instr.a, instr.b, instr.c};
    bool isZero = info.writesRegister || instr.dst == 0;
    for (unsigned i = info.numOperands; i < 3; ++i)
      isZero &= regs[i] == 0;
    if (op != VecOp::Load && op != VecOp::Store && op != VecOp::Const &&
        op != VecOp::Index)
      isZero &= instr.imm == 0;
    return isZero ? "" : "a field that it does not use is not 0";
  }

  /// (V6) Operand numbers, dimensions and constants in range.
  std::string checkImmediate(const VecInstr &instr, VecOp op) {
    switch (op) {
    case VecOp::Load:
      if (instr.imm >= program.numIns)
        return fmt::format("input {} does not exist", instr.imm);
      if (inSeen[instr.imm] && inTypes[instr.imm] != instr.type)
        return fmt::format("input {} is loaded as {} and as {}", instr.imm,
                           nameOf(inTypes[instr.imm]), nameOf(instr.type));
      inSeen[instr.imm] = true;
      inTypes[instr.imm] = instr.type;
      return {};
    case VecOp::Store:
      if (instr.imm >= program.numOuts)
        return fmt::format("output {} does not exist", instr.imm);
      if (stored[instr.imm])
        return fmt::format("output {} is stored twice", instr.imm);
      stored[instr.imm] = true;
      return {};
    case VecOp::Const:
      if (unsigned bits = sizeOf(instr.type) * 8;
          bits < 64 && instr.imm >> bits != 0)
        return fmt::format("bits {:#x} do not fit {}", instr.imm,
                           nameOf(instr.type));
      if (instr.type == DType::Bool && instr.imm > 1)
        return fmt::format("bits {:#x} are no bool", instr.imm);
      return {};
    case VecOp::Index:
      if (instr.imm >= kMaxRank)
        return fmt::format("dimension {} is more than {}", instr.imm,
                           kMaxRank - 1);
      return {};
    default:
      return {};
    }
  }

  std::string define(const VecInstr &instr, const VecOpInfo &info) {
    if (instr.dst >= program.registers.size())
      return fmt::format("register r{} does not exist", instr.dst);
    DType actual = program.registers[instr.dst], expected = actual;
    switch (info.result) {
    case VecOpInfo::ResultType::Same:
      expected = instr.type;
      break;
    case VecOpInfo::ResultType::Bool:
      expected = DType::Bool;
      break;
    case VecOpInfo::ResultType::I64:
      expected = DType::I64;
      break;
    case VecOpInfo::ResultType::Register:
      break;
    }
    if (actual != expected)
      return fmt::format("register r{} is {}, the result is {}", instr.dst,
                         nameOf(actual), nameOf(expected));
    defined[instr.dst] = true;
    return {};
  }

  const VecProgram &program;
  std::vector<bool> defined, stored;
  std::vector<DType> inTypes;
  std::vector<bool> inSeen;
};

} // namespace

std::string checkVecProgram(const VecProgram &program) {
  std::string error;
  if (program.registers.size() > kMaxRegisters)
    error = fmt::format("has more than {} registers", kMaxRegisters);
  else if (program.instrs.size() > kMaxVecInstrs)
    error = fmt::format("has more than {} instructions", kMaxVecInstrs);
  else if (program.numIns + program.numOuts > int(kMaxOperands))
    error = fmt::format("has more than {} operands", kMaxOperands);
  for (size_t i = 0; error.empty() && i < program.registers.size(); ++i)
    if (!validType(program.registers[i]))
      error = fmt::format("register r{} has an unknown type", i);
  if (error.empty())
    error = ProgramChecker(program).run();
  return error.empty()
             ? error
             : fmt::format("vector program '{}': {}", program.name, error);
}

} // namespace hybridc::stream
