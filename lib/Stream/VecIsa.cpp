//===- VecIsa.cpp - The table of vector instructions ----------------------===//
#include "hybridc/Stream/VecIsa.h"

#include <array>
#include <cstddef>

namespace hybridc::stream {

namespace {

using R = VecOpInfo::ResultType;

/// Indexed by VecOp.
constexpr std::array<VecOpInfo, kNumVecOps> kVecOps{{
    // name, operands, writes a register, result, floats only, ints/Bool only
    {"load", 0, true, R::Same, false, false},
    {"store", 1, false, R::Same, false, false},
    {"const", 0, true, R::Same, false, false},
    {"index", 0, true, R::I64, false, false},
    {"cvt", 1, true, R::Register, false, false},
    {"mov", 1, true, R::Same, false, false},
    {"add", 2, true, R::Same, false, false},
    {"sub", 2, true, R::Same, false, false},
    {"mul", 2, true, R::Same, false, false},
    {"div", 2, true, R::Same, false, false},
    {"rem", 2, true, R::Same, false, false},
    {"mod", 2, true, R::Same, false, false},
    {"pow", 2, true, R::Same, false, false},
    {"min", 2, true, R::Same, false, false},
    {"max", 2, true, R::Same, false, false},
    {"fma", 3, true, R::Same, false, false},
    {"neg", 1, true, R::Same, false, false},
    {"abs", 1, true, R::Same, false, false},
    {"sign", 1, true, R::Same, false, false},
    {"exp", 1, true, R::Same, true, false},
    {"log", 1, true, R::Same, true, false},
    {"log1p", 1, true, R::Same, true, false},
    {"expm1", 1, true, R::Same, true, false},
    {"sqrt", 1, true, R::Same, true, false},
    {"rsqrt", 1, true, R::Same, true, false},
    {"erf", 1, true, R::Same, true, false},
    {"tanh", 1, true, R::Same, true, false},
    {"sin", 1, true, R::Same, true, false},
    {"cos", 1, true, R::Same, true, false},
    {"tan", 1, true, R::Same, true, false},
    {"asin", 1, true, R::Same, true, false},
    {"acos", 1, true, R::Same, true, false},
    {"atan", 1, true, R::Same, true, false},
    {"sinh", 1, true, R::Same, true, false},
    {"cosh", 1, true, R::Same, true, false},
    {"asinh", 1, true, R::Same, true, false},
    {"acosh", 1, true, R::Same, true, false},
    {"atanh", 1, true, R::Same, true, false},
    {"floor", 1, true, R::Same, true, false},
    {"ceil", 1, true, R::Same, true, false},
    {"trunc", 1, true, R::Same, true, false},
    {"round", 1, true, R::Same, true, false},
    {"sigmoid", 1, true, R::Same, true, false},
    {"isnan", 1, true, R::Bool, true, false},
    {"isinf", 1, true, R::Bool, true, false},
    {"eq", 2, true, R::Bool, false, false},
    {"ne", 2, true, R::Bool, false, false},
    {"lt", 2, true, R::Bool, false, false},
    {"le", 2, true, R::Bool, false, false},
    {"gt", 2, true, R::Bool, false, false},
    {"ge", 2, true, R::Bool, false, false},
    {"and", 2, true, R::Same, false, true},
    {"or", 2, true, R::Same, false, true},
    {"xor", 2, true, R::Same, false, true},
    {"not", 1, true, R::Same, false, true},
    {"shl", 2, true, R::Same, false, true},
    {"shr", 2, true, R::Same, false, true},
    {"select", 3, true, R::Same, false, false},
}};

static_assert(kVecOps.back().name == "select", "one row per VecOp");

} // namespace

const VecOpInfo &infoOf(VecOp op) {
  auto index = static_cast<size_t>(op);
  // Out of range never gets past checkVecProgram; stay defined all the same.
  return kVecOps[index < kVecOps.size() ? index : 0];
}

bool parseVecOp(std::string_view name, VecOp &op) {
  for (size_t i = 0; i < kVecOps.size(); ++i)
    if (kVecOps[i].name == name) {
      op = static_cast<VecOp>(i);
      return true;
    }
  return false;
}

} // namespace hybridc::stream
