//===- VecIsaTest.cpp - The rules of vector programs ----------------------===//
#include "hybridc/Stream/VecIsa.h"
#include "hybridc/Stream/CommandSpec.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

using namespace hybridc::stream;

namespace {

VecInstr instr(VecOp op, DType type, uint16_t dst, uint16_t a = 0,
               uint16_t b = 0, uint16_t c = 0, uint64_t imm = 0) {
  return {static_cast<uint8_t>(op), type, dst, a, b, c, imm};
}

/// out 0 = in 0 < 0 ? -in 0 : in 0
VecProgram absolute() {
  DType f = DType::F32;
  return {"absolute",
          1,
          1,
          {f, f, DType::Bool, f, f},
          {instr(VecOp::Load, f, 0), instr(VecOp::Const, f, 1),
           instr(VecOp::Lt, f, 2, 0, 1), instr(VecOp::Neg, f, 3, 0),
           instr(VecOp::Select, f, 4, 2, 3, 0), instr(VecOp::Store, f, 0, 4)}};
}

void refuses(std::string_view words,
             const std::function<void(VecProgram &)> &change) {
  VecProgram program = absolute();
  ASSERT_EQ(checkVecProgram(program), "");
  change(program);
  std::string error = checkVecProgram(program);
  EXPECT_NE(error.find(words), std::string::npos)
      << "expected: " << words << "\nactual:   " << error;
}

/// One instruction on operands of `type` is accepted.
bool takes(VecOp op, DType type) {
  const VecOpInfo &info = infoOf(op);
  DType result = info.result == VecOpInfo::ResultType::Bool  ? DType::Bool
                 : info.result == VecOpInfo::ResultType::I64 ? DType::I64
                                                             : type;
  VecProgram program{
      "one",
      1,
      1,
      {type, type, type, DType::Bool, result},
      {instr(VecOp::Load, type, 0), instr(VecOp::Mov, type, 1, 0),
       instr(VecOp::Mov, type, 2, 0), instr(VecOp::Const, DType::Bool, 3)}};
  VecInstr one = instr(op, type, 4);
  one.a = op == VecOp::Select ? 3 : 0;
  one.b = info.numOperands > 1 ? 1 : 0;
  one.c = info.numOperands > 2 ? 2 : 0;
  program.instrs.push_back(one);
  program.instrs.push_back(instr(VecOp::Store, result, 0, 4));
  return checkVecProgram(program).empty();
}

} // namespace

TEST(VecIsa, NamesAreUniqueAndRead) {
  std::set<std::string_view> names;
  for (unsigned i = 0; i < kNumVecOps; ++i) {
    names.insert(infoOf(VecOp(i)).name);
    VecOp op{};
    EXPECT_TRUE(parseVecOp(infoOf(VecOp(i)).name, op));
    EXPECT_EQ(op, VecOp(i));
  }
  EXPECT_EQ(names.size(), kNumVecOps);
  VecOp op{};
  EXPECT_FALSE(parseVecOp("frobnicate", op));
}

TEST(VecIsa, V1_KnownInstructionsAndTypes) {
  refuses("instruction 1: unknown instruction 58",
          [](VecProgram &p) { p.instrs[1].op = kNumVecOps; });
  refuses("load: unknown type",
          [](VecProgram &p) { p.instrs[0].type = DType(99); });
  refuses("register r2 has an unknown type",
          [](VecProgram &p) { p.registers[2] = DType(99); });
  refuses("more than 4096 registers",
          [](VecProgram &p) { p.registers.resize(4097); });
}

TEST(VecIsa, V2_V3_V4_Registers) {
  refuses("register r5 does not exist", // (V2)
          [](VecProgram &p) { p.instrs[3].a = 5; });
  refuses("register r5 does not exist",
          [](VecProgram &p) { p.instrs[3].dst = 5; });
  refuses("register r4 is read before it is written", // (V3)
          [](VecProgram &p) { p.instrs[3].a = 4; });
  refuses("select: register r0 is f32, must be bool", // (V4)
          [](VecProgram &p) { p.instrs[4].a = 0; });
  refuses("lt: register r1 is f32, the result is bool",
          [](VecProgram &p) { p.instrs[2].dst = 1; });
}

TEST(VecIsa, V5_TypesOfInstructions) {
  EXPECT_TRUE(takes(VecOp::Add, DType::U8));
  EXPECT_TRUE(takes(VecOp::Fma, DType::BF16));
  EXPECT_TRUE(takes(VecOp::Eq, DType::Bool));
  EXPECT_TRUE(takes(VecOp::And, DType::Bool));
  EXPECT_TRUE(takes(VecOp::Shl, DType::I32));
  EXPECT_TRUE(takes(VecOp::Select, DType::Bool));
  EXPECT_TRUE(takes(VecOp::IsNan, DType::F16));
  EXPECT_FALSE(takes(VecOp::Add, DType::Bool));
  EXPECT_FALSE(takes(VecOp::Max, DType::Bool));
  EXPECT_FALSE(takes(VecOp::Lt, DType::Bool));
  EXPECT_FALSE(takes(VecOp::Shl, DType::Bool));
  EXPECT_FALSE(takes(VecOp::And, DType::F32));
  EXPECT_FALSE(takes(VecOp::Exp, DType::I32));
  EXPECT_FALSE(takes(VecOp::IsInf, DType::I64));
}

TEST(VecIsa, V6_Immediates) {
  refuses("input 1 does not exist", [](VecProgram &p) { p.instrs[0].imm = 1; });
  refuses("output 1 does not exist",
          [](VecProgram &p) { p.instrs[5].imm = 1; });
  refuses("do not fit f32",
          [](VecProgram &p) { p.instrs[1].imm = uint64_t(1) << 32; });
  refuses("input 0 is loaded as f32 and as i32", [](VecProgram &p) {
    p.registers.push_back(DType::I32);
    p.instrs.push_back(instr(VecOp::Load, DType::I32, 5));
  });
  refuses("dimension 16", [](VecProgram &p) {
    p.registers.push_back(DType::I64);
    p.instrs.push_back(instr(VecOp::Index, DType::I64, 5, 0, 0, 0, 16));
  });
}

TEST(VecIsa, V8_UnusedFieldsAreZero) {
  for (auto field : {&VecInstr::a, &VecInstr::b, &VecInstr::c})
    refuses("load: a field that it does not use is not 0",
            [=](VecProgram &p) { p.instrs[0].*field = 1; });
  refuses("store: a field", [](VecProgram &p) { p.instrs[5].dst = 65535; });
  refuses("neg: a field", [](VecProgram &p) { p.instrs[3].imm = 1; });
}

TEST(VecIsa, V7_OutputsAreStoredOnce) {
  refuses("output 0 is never stored",
          [](VecProgram &p) { p.instrs.pop_back(); });
  refuses("output 0 is stored twice",
          [](VecProgram &p) { p.instrs.push_back(p.instrs.back()); });
}
