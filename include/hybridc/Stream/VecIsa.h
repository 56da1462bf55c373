//===- VecIsa.h - The vector unit's register ISA --------------*- C++ -*-===//
//
// A vector program computes one element of its outputs from the matching
// elements of its inputs. `VecInstr::type` is the operands' type; results have
// the same type unless said otherwise. Integer arithmetic wraps; f16 and bf16
// compute in f32 and round after each instruction. Division of integers
// truncates toward zero, division by zero yields 0 (never a trap).
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STREAM_VECISA_H
#define HYBRIDC_STREAM_VECISA_H

#include "hybridc/Stream/Program.h"

#include <cstdint>
#include <string_view>

namespace hybridc::stream {

enum class VecOp : uint8_t {
  Load,  ///< dst = input imm
  Store, ///< output imm = a
  Const, ///< dst = bits imm
  Index, ///< dst = index along dimension imm of the iteration space (I64)
  Cvt,   ///< dst = a, from `type` to dst's type: float → int truncates and
         ///< saturates (NaN → 0), → Bool is != 0, → narrower int wraps
  Mov,
  // arithmetic
  Add,
  Sub,
  Mul,
  Div,
  Rem, ///< sign of the dividend (C fmod, %)
  Mod, ///< sign of the divisor (Python %)
  Pow,
  Min,
  Max, ///< floats: NaN if either is NaN
  Fma, ///< a * b + c, rounded after each of the two steps
  Neg,
  Abs,
  Sign,
  // float functions
  Exp,
  Log,
  Log1p,
  Expm1,
  Sqrt,
  Rsqrt,
  Erf,
  Tanh,
  Sin,
  Cos,
  Tan,
  Asin,
  Acos,
  Atan,
  Sinh,
  Cosh,
  Asinh,
  Acosh,
  Atanh,
  Floor,
  Ceil,
  Trunc,
  Round, ///< half to even
  Sigmoid,
  IsNan,
  IsInf, ///< IsNan, IsInf → Bool
  // comparisons → Bool; unordered compares are false, Ne is true
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  // Bool and bits
  And,
  Or,
  Xor,
  Not,
  Shl,
  Shr,
  Select, ///< dst = a (Bool) ? b : c; `type` is that of b and c
};
constexpr unsigned kNumVecOps = static_cast<unsigned>(VecOp::Select) + 1;

/// What an instruction reads and yields.
struct VecOpInfo {
  std::string_view name; ///< as printed: "add"
  uint8_t numOperands;   ///< registers read, in order a, b, c
  bool writesRegister;   ///< false for Store
  enum class ResultType : uint8_t { Same, Bool, Register, I64 } result;
  bool floatOnly;
  bool intOrBoolOnly; ///< And … Shr
};

const VecOpInfo &infoOf(VecOp op);
/// True and `op` set when `name` is an instruction's name.
bool parseVecOp(std::string_view name, VecOp &op);

} // namespace hybridc::stream

#endif // HYBRIDC_STREAM_VECISA_H
