//===- VecText.cpp - Vector programs as text ------------------------------===//
//
// "add.f32 r2, r0, r1" · "load.f32 r0, 0" · "store.f32 r2, 0" ·
// "const.f32 r1, 0x3f800000" · "index.i64 r3, 1" · "cvt.i8 r1, r0"
//
//===----------------------------------------------------------------------===//
#include "hybridc/Dialect/Tile/IR/Tile.h"
#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/VecIsa.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace hybridc::tile;
using namespace hybridc::stream;

/// True for the instructions whose last field is `imm`.
static bool hasImmediate(VecOp op) {
  return op == VecOp::Load || op == VecOp::Store || op == VecOp::Const ||
         op == VecOp::Index;
}

std::string hybridc::tile::printInstr(const VecInstr &instr) {
  auto op = static_cast<VecOp>(instr.op);
  const VecOpInfo &info = infoOf(op);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << info.name << '.' << nameOf(instr.type) << ' ';
  SmallVector<std::string> fields;
  if (info.writesRegister)
    fields.push_back(("r" + Twine(instr.dst)).str());
  uint16_t sources[] = {instr.a, instr.b, instr.c};
  for (unsigned i = 0; i < info.numOperands; ++i)
    fields.push_back(("r" + Twine(sources[i])).str());
  if (op == VecOp::Const)
    fields.push_back(("0x" + Twine::utohexstr(instr.imm)).str());
  else if (hasImmediate(op))
    fields.push_back(std::to_string(instr.imm));
  os << llvm::join(fields, ", ");
  return text;
}

bool hybridc::tile::parseInstr(StringRef text, VecInstr &instr) {
  auto [head, tail] = text.split(' ');
  auto [opName, typeName] = head.split('.');
  VecOp op;
  if (!parseVecOp(opName, op) || !parseDType(typeName, instr.type))
    return false;
  instr.op = static_cast<uint8_t>(op);
  const VecOpInfo &info = infoOf(op);
  SmallVector<StringRef> fields;
  tail.split(fields, ',');
  size_t next = 0;
  auto reg = [&](uint16_t &number) {
    if (next >= fields.size())
      return false;
    StringRef field = fields[next++].trim();
    return field.consume_front("r") && !field.getAsInteger(10, number);
  };
  if (info.writesRegister && !reg(instr.dst))
    return false;
  uint16_t *sources[] = {&instr.a, &instr.b, &instr.c};
  for (unsigned i = 0; i < info.numOperands; ++i)
    if (!reg(*sources[i]))
      return false;
  if (hasImmediate(op)) {
    if (next >= fields.size() || fields[next].trim().getAsInteger(0, instr.imm))
      return false;
    ++next;
  }
  return next == fields.size();
}

VecProgramOp hybridc::tile::createVecProgram(OpBuilder &builder, Location loc,
                                             StringRef name,
                                             const VecProgram &program) {
  SmallVector<std::string> code;
  SmallVector<StringRef> registers, lines;
  for (DType type : program.registers)
    registers.push_back(nameOf(type));
  for (const VecInstr &instr : program.instrs)
    code.push_back(printInstr(instr));
  lines.assign(code.begin(), code.end());
  return VecProgramOp::create(
      builder, loc, name, program.numIns, program.numOuts,
      builder.getStrArrayAttr(registers), builder.getStrArrayAttr(lines));
}

FailureOr<VecProgram> hybridc::tile::readVecProgram(VecProgramOp op) {
  VecProgram program;
  program.name = op.getSymName().str();
  program.numIns = op.getNumIns();
  program.numOuts = op.getNumOuts();
  for (auto name : op.getRegisters().getAsValueRange<StringAttr>()) {
    DType type;
    if (!parseDType(name, type))
      return op.emitOpError("unknown register type '") << name << "'";
    program.registers.push_back(type);
  }
  for (auto line : op.getCode().getAsValueRange<StringAttr>()) {
    VecInstr instr;
    if (!parseInstr(line, instr))
      return op.emitOpError("cannot read the instruction '") << line << "'";
    program.instrs.push_back(instr);
  }
  return program;
}

LogicalResult VecProgramOp::verify() {
  auto inRange = [](int64_t value) { return value >= 0 && value <= 0xffff; };
  if (!inRange(getNumIns()) || !inRange(getNumOuts()))
    return emitOpError("has a number of operands out of range");
  auto program = readVecProgram(*this);
  if (failed(program))
    return failure();
  std::string problem = checkVecProgram(*program);
  if (!problem.empty())
    return emitOpError() << problem;
  return success();
}
