//===- VecProgram.cpp - Map regions become vector programs ----------------===//
//
// A table says which instruction a scalar op is. Scalars are signless and the
// ops say the signedness, registers have signed or unsigned types: a value is
// converted (same width, same bits) where an op reads it the other way.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Dialect/Hyb/IR/Commands.h"

#include "hybridc/Dialect/Hyb/IR/Location.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace hybridc;
using namespace hybridc::hyb;
using stream::DType;
using stream::VecInstr;
using stream::VecOp;

namespace {

enum class Sign { AsIs, Signed, Unsigned };

struct Row {
  VecOp op;
  Sign sign = Sign::AsIs;
};

/// Ops that are one instruction, operands and result of one type.
const llvm::StringMap<Row> &simpleOps() {
  using S = Sign;
  static const llvm::StringMap<Row> kOps{
      {"arith.addf", {VecOp::Add}},
      {"arith.subf", {VecOp::Sub}},
      {"arith.mulf", {VecOp::Mul}},
      {"arith.divf", {VecOp::Div}},
      {"arith.remf", {VecOp::Rem}},
      {"arith.negf", {VecOp::Neg}},
      {"arith.minimumf", {VecOp::Min}},
      {"arith.maximumf", {VecOp::Max}},
      {"arith.addi", {VecOp::Add}},
      {"arith.subi", {VecOp::Sub}},
      {"arith.muli", {VecOp::Mul}},
      {"arith.divsi", {VecOp::Div, S::Signed}},
      {"arith.divui", {VecOp::Div, S::Unsigned}},
      {"arith.remsi", {VecOp::Rem, S::Signed}},
      {"arith.remui", {VecOp::Rem, S::Unsigned}},
      {"arith.minsi", {VecOp::Min, S::Signed}},
      {"arith.maxsi", {VecOp::Max, S::Signed}},
      {"arith.minui", {VecOp::Min, S::Unsigned}},
      {"arith.maxui", {VecOp::Max, S::Unsigned}},
      {"arith.andi", {VecOp::And}},
      {"arith.ori", {VecOp::Or}},
      {"arith.xori", {VecOp::Xor}},
      {"arith.shli", {VecOp::Shl}},
      {"arith.shrsi", {VecOp::Shr, S::Signed}},
      {"arith.shrui", {VecOp::Shr, S::Unsigned}},
      {"math.absf", {VecOp::Abs}},
      {"math.absi", {VecOp::Abs, S::Signed}},
      {"math.exp", {VecOp::Exp}},
      {"math.expm1", {VecOp::Expm1}},
      {"math.log", {VecOp::Log}},
      {"math.log1p", {VecOp::Log1p}},
      {"math.sqrt", {VecOp::Sqrt}},
      {"math.rsqrt", {VecOp::Rsqrt}},
      {"math.erf", {VecOp::Erf}},
      {"math.tanh", {VecOp::Tanh}},
      {"math.sin", {VecOp::Sin}},
      {"math.cos", {VecOp::Cos}},
      {"math.tan", {VecOp::Tan}},
      {"math.asin", {VecOp::Asin}},
      {"math.acos", {VecOp::Acos}},
      {"math.atan", {VecOp::Atan}},
      {"math.sinh", {VecOp::Sinh}},
      {"math.cosh", {VecOp::Cosh}},
      {"math.asinh", {VecOp::Asinh}},
      {"math.acosh", {VecOp::Acosh}},
      {"math.atanh", {VecOp::Atanh}},
      {"math.floor", {VecOp::Floor}},
      {"math.ceil", {VecOp::Ceil}},
      {"math.trunc", {VecOp::Trunc}},
      {"math.roundeven", {VecOp::Round}},
      {"math.powf", {VecOp::Pow}},
      {"math.ipowi", {VecOp::Pow, S::Signed}},
      {"math.fma", {VecOp::Fma}},
  };
  return kOps;
}

bool isFloat(DType type) {
  return type == DType::F32 || type == DType::F64 || type == DType::F16 ||
         type == DType::BF16;
}

DType withSign(DType type, Sign sign) {
  static constexpr std::pair<DType, DType> kPairs[] = {
      {DType::I8, DType::U8},
      {DType::I16, DType::U16},
      {DType::I32, DType::U32},
      {DType::I64, DType::U64}};
  for (auto [isSigned, isUnsigned] : kPairs)
    if (type == isSigned || type == isUnsigned)
      return sign == Sign::Signed     ? isSigned
             : sign == Sign::Unsigned ? isUnsigned
                                      : type;
  return type;
}

/// 1 / (1 + exp(-x)) is one instruction; gives x.
Value matchSigmoid(arith::DivFOp div) {
  if (!matchPattern(div.getLhs(), m_OneFloat()))
    return {};
  auto sum = div.getRhs().getDefiningOp<arith::AddFOp>();
  if (!sum)
    return {};
  for (auto [one, other] : {std::pair(sum.getLhs(), sum.getRhs()),
                            std::pair(sum.getRhs(), sum.getLhs())}) {
    auto exp = other.getDefiningOp<math::ExpOp>();
    if (!exp || !matchPattern(one, m_OneFloat()))
      continue;
    if (auto negation = exp.getOperand().getDefiningOp<arith::NegFOp>())
      return negation.getOperand();
  }
  return {};
}

class ProgramBuilder {
public:
  explicit ProgramBuilder(MapOp map) : map(map) {}

  FailureOr<stream::VecProgram> run();

private:
  LogicalResult emit(Operation &op);
  LogicalResult emitCompare(arith::CmpFOp op);
  LogicalResult emitCompare(arith::CmpIOp op);
  LogicalResult emitCast(Operation &op, Sign source, Sign target);
  bool emitComposite(Operation &op);

  uint16_t newRegister(DType type) {
    program.registers.push_back(type);
    return program.registers.size() - 1;
  }
  uint16_t add(VecOp op, DType type, DType result, ArrayRef<uint16_t> operands,
               uint64_t imm = 0) {
    VecInstr instr;
    instr.op = static_cast<uint8_t>(op);
    instr.type = type;
    instr.imm = imm;
    uint16_t *slots[] = {&instr.a, &instr.b, &instr.c};
    for (auto [slot, operand] : llvm::zip(slots, operands))
      *slot = operand;
    if (stream::infoOf(op).writesRegister)
      instr.dst = newRegister(result);
    program.instrs.push_back(instr);
    return instr.dst;
  }
  uint16_t add(VecOp op, DType type, ArrayRef<uint16_t> operands) {
    return add(op, type, type, operands);
  }
  uint16_t constant(DType type, double value);
  /// The register of `value`, read as `type`.
  uint16_t reg(Value value, DType type);
  uint16_t reg(Value value) { return values.lookup(value); }
  DType typeOf(Value value) { return program.registers[reg(value)]; }
  void set(Operation &op, uint16_t r) { values[op.getResult(0)] = r; }
  void dropDead();
  void reuseRegisters();

  MapOp map;
  stream::VecProgram program;
  llvm::DenseMap<Value, uint16_t> values;
  llvm::DenseMap<std::pair<Value, unsigned>, uint16_t> converted;
};

uint16_t ProgramBuilder::constant(DType type, double value) {
  Type element = elementTypeOf(map.getContext(), type);
  Attribute attr;
  if (isFloat(type))
    attr = FloatAttr::get(element, value);
  else
    attr = IntegerAttr::get(element, static_cast<int64_t>(value));
  return add(VecOp::Const, type, type, {}, bitsOf(attr));
}

uint16_t ProgramBuilder::reg(Value value, DType type) {
  DType actual = typeOf(value);
  if (actual == type)
    return reg(value);
  auto [at, isNew] =
      converted.try_emplace({value, static_cast<unsigned>(type)}, 0);
  if (isNew) {
    uint16_t r = add(VecOp::Cvt, actual, type, {reg(value)});
    at->second = r;
  }
  return at->second;
}

LogicalResult ProgramBuilder::emitCompare(arith::CmpFOp op) {
  using P = arith::CmpFPredicate;
  Value l = op.getLhs(), r = op.getRhs();
  DType type = typeOf(l);
  uint16_t a = reg(l), b = reg(r);
  auto compare = [&](VecOp vecOp) {
    return add(vecOp, type, DType::Bool, {a, b});
  };
  auto invert = [&](uint16_t x) {
    return add(VecOp::Not, DType::Bool, DType::Bool, {x});
  };
  auto unordered = [&]() {
    return add(VecOp::Or, DType::Bool, DType::Bool,
               {add(VecOp::IsNan, type, DType::Bool, {a}),
                add(VecOp::IsNan, type, DType::Bool, {b})});
  };
  auto lessOrGreater = [&]() {
    return add(VecOp::Or, DType::Bool, DType::Bool,
               {compare(VecOp::Lt), compare(VecOp::Gt)});
  };
  uint16_t result = 0;
  switch (op.getPredicate()) {
  case P::AlwaysFalse:
    result = add(VecOp::Const, DType::Bool, DType::Bool, {}, 0);
    break;
  case P::AlwaysTrue:
    result = add(VecOp::Const, DType::Bool, DType::Bool, {}, 1);
    break;
  case P::OEQ:
    result = compare(VecOp::Eq);
    break;
  case P::OGT:
    result = compare(VecOp::Gt);
    break;
  case P::OGE:
    result = compare(VecOp::Ge);
    break;
  case P::OLT:
    result = compare(VecOp::Lt);
    break;
  case P::OLE:
    result = compare(VecOp::Le);
    break;
  case P::ONE:
    result = lessOrGreater();
    break;
  case P::ORD:
    result = invert(unordered());
    break;
  case P::UEQ:
    result = invert(lessOrGreater());
    break;
  case P::UGT:
    result = invert(compare(VecOp::Le));
    break;
  case P::UGE:
    result = invert(compare(VecOp::Lt));
    break;
  case P::ULT:
    result = invert(compare(VecOp::Ge));
    break;
  case P::ULE:
    result = invert(compare(VecOp::Gt));
    break;
  case P::UNE:
    result = compare(VecOp::Ne);
    break;
  case P::UNO:
    result = unordered();
    break;
  }
  set(*op, result);
  return success();
}

LogicalResult ProgramBuilder::emitCompare(arith::CmpIOp op) {
  using P = arith::CmpIPredicate;
  static constexpr std::pair<VecOp, Sign> kTable[] = {
      {VecOp::Eq, Sign::AsIs},     {VecOp::Ne, Sign::AsIs},
      {VecOp::Lt, Sign::Signed},   {VecOp::Le, Sign::Signed},
      {VecOp::Gt, Sign::Signed},   {VecOp::Ge, Sign::Signed},
      {VecOp::Lt, Sign::Unsigned}, {VecOp::Le, Sign::Unsigned},
      {VecOp::Gt, Sign::Unsigned}, {VecOp::Ge, Sign::Unsigned}};
  static_assert(static_cast<unsigned>(P::uge) == 9, "rows follow arith");
  auto [vecOp, sign] = kTable[static_cast<unsigned>(op.getPredicate())];
  DType type = withSign(typeOf(op.getLhs()), sign);
  if (type == DType::Bool && vecOp != VecOp::Eq && vecOp != VecOp::Ne)
    type = DType::U8; // no order on Bool; 0 and 1 as numbers
  set(*op, add(vecOp, type, DType::Bool,
               {reg(op.getLhs(), type), reg(op.getRhs(), type)}));
  return success();
}

/// `source`: how the operand is read; `target`: what the result is.
LogicalResult ProgramBuilder::emitCast(Operation &op, Sign source,
                                       Sign target) {
  Value operand = op.getOperand(0);
  std::optional<DType> result = tryDTypeOf(op.getResult(0).getType());
  if (!result)
    return failure();
  DType from = withSign(typeOf(operand), source);
  DType to = withSign(*result, target);
  if (from == DType::Bool && source == Sign::Signed) {
    // A signed bit is 0 or -1.
    set(op, add(VecOp::Neg, to,
                {add(VecOp::Cvt, DType::Bool, to, {reg(operand)})}));
    return success();
  }
  uint16_t x = reg(operand, from);
  if (to == DType::Bool && !isFloat(from)) {
    // Truncation keeps the lowest bit; Cvt asks for "not zero".
    x = add(VecOp::And, from, {x, constant(from, 1)});
  }
  set(op, add(VecOp::Cvt, from, to, {x}));
  return success();
}

/// Ops that take a few instructions.
bool ProgramBuilder::emitComposite(Operation &op) {
  auto operand = [&](unsigned i) { return reg(op.getOperand(i)); };
  DType type = op.getNumOperands() ? typeOf(op.getOperand(0)) : DType::F32;
  auto isNan = [&](uint16_t x) {
    return add(VecOp::IsNan, type, DType::Bool, {x});
  };
  auto select = [&](DType of, uint16_t c, uint16_t a, uint16_t b) {
    return add(VecOp::Select, of, {c, a, b});
  };
  StringRef name = op.getName().getStringRef();
  if (name == "arith.maxnumf" || name == "arith.minnumf") {
    // These drop a NaN, the instruction keeps it.
    uint16_t a = operand(0), b = operand(1);
    VecOp base = name == "arith.maxnumf" ? VecOp::Max : VecOp::Min;
    uint16_t kept = select(type, isNan(b), a, add(base, type, {a, b}));
    set(op, select(type, isNan(a), b, kept));
  } else if (name == "arith.floordivsi" || name == "arith.ceildivsi") {
    // a - mod(a, b) is a multiple of b; the ceiling is the negated floor.
    type = withSign(type, Sign::Signed);
    bool ceil = name == "arith.ceildivsi";
    uint16_t a = reg(op.getOperand(0), type), b = reg(op.getOperand(1), type);
    if (ceil)
      a = add(VecOp::Neg, type, {a});
    uint16_t mod = add(VecOp::Mod, type, {a, b});
    uint16_t q = add(VecOp::Div, type, {add(VecOp::Sub, type, {a, mod}), b});
    set(op, ceil ? add(VecOp::Neg, type, {q}) : q);
  } else if (name == "math.exp2") {
    set(op, add(VecOp::Pow, type, {constant(type, 2), operand(0)}));
  } else if (name == "math.log2" || name == "math.log10") {
    double base =
        name == "math.log2" ? 0.693147180559945309417 : 2.302585092994045684018;
    set(op, add(VecOp::Div, type,
                {add(VecOp::Log, type, {operand(0)}), constant(type, base)}));
  } else if (name == "math.round") {
    // Half away from zero. t - trunc(t) is exact, so no double rounding.
    uint16_t x = operand(0), t = add(VecOp::Trunc, type, {x});
    uint16_t rest = add(VecOp::Abs, type, {add(VecOp::Sub, type, {x, t})});
    uint16_t away = add(VecOp::Add, type, {t, add(VecOp::Sign, type, {x})});
    uint16_t half =
        add(VecOp::Ge, type, DType::Bool, {rest, constant(type, 0.5)});
    set(op, select(type, half, away, t));
  } else if (name == "math.copysign") {
    uint16_t a = add(VecOp::Abs, type, {operand(0)});
    // -0 and +0 compare equal: their sign is seen through 1 / x.
    uint16_t b = operand(1), zero = constant(type, 0);
    uint16_t inverse = add(VecOp::Div, type, {constant(type, 1), b});
    uint16_t isZero = add(VecOp::Eq, type, DType::Bool, {b, zero});
    uint16_t negative = add(VecOp::Lt, type, DType::Bool,
                            {select(type, isZero, inverse, b), zero});
    set(op, select(type, negative, add(VecOp::Neg, type, {a}), a));
  } else if (name == "math.isnan" || name == "math.isinf") {
    set(op, add(name == "math.isnan" ? VecOp::IsNan : VecOp::IsInf, type,
                DType::Bool, {operand(0)}));
  } else if (name == "math.isfinite") {
    uint16_t inf = add(VecOp::IsInf, type, DType::Bool, {operand(0)});
    set(op, add(VecOp::Not, DType::Bool,
                {add(VecOp::Or, DType::Bool, {inf, isNan(operand(0))})}));
  } else {
    return false;
  }
  return true;
}

LogicalResult ProgramBuilder::emit(Operation &op) {
  if (auto constantOp = dyn_cast<arith::ConstantOp>(op)) {
    std::optional<DType> type = tryDTypeOf(constantOp.getType());
    if (!type || !isa<FloatAttr, IntegerAttr>(constantOp.getValue()))
      return failure();
    set(op, add(VecOp::Const, *type, *type, {}, bitsOf(constantOp.getValue())));
    return success();
  }
  if (auto index = dyn_cast<IndexOp>(op)) {
    set(op, add(VecOp::Index, DType::I64, DType::I64, {}, index.getDim()));
    return success();
  }
  if (auto div = dyn_cast<arith::DivFOp>(op))
    if (Value x = matchSigmoid(div)) {
      DType type = typeOf(x);
      set(op, add(VecOp::Sigmoid, type, {reg(x)}));
      return success();
    }
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return emitCompare(compare);
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return emitCompare(compare);
  if (isa<arith::SelectOp>(op)) {
    DType type = typeOf(op.getOperand(1));
    set(op, add(VecOp::Select, type,
                {reg(op.getOperand(0)), reg(op.getOperand(1)),
                 reg(op.getOperand(2), type)}));
    return success();
  }
  if (isa<arith::ExtFOp, arith::TruncFOp>(op))
    return emitCast(op, Sign::AsIs, Sign::AsIs);
  if (isa<arith::ExtSIOp, arith::SIToFPOp>(op))
    return emitCast(op, Sign::Signed, Sign::Signed);
  if (isa<arith::ExtUIOp, arith::UIToFPOp>(op))
    return emitCast(op, Sign::Unsigned, Sign::Unsigned);
  if (isa<arith::FPToSIOp>(op))
    return emitCast(op, Sign::AsIs, Sign::Signed);
  if (isa<arith::FPToUIOp>(op))
    return emitCast(op, Sign::AsIs, Sign::Unsigned);
  if (isa<arith::TruncIOp>(op))
    return emitCast(op, Sign::AsIs, Sign::AsIs);
  auto row = simpleOps().find(op.getName().getStringRef());
  if (row == simpleOps().end())
    return success(emitComposite(op));
  DType type = withSign(typeOf(op.getOperand(0)), row->second.sign);
  SmallVector<uint16_t> operands;
  for (Value operand : op.getOperands())
    operands.push_back(reg(operand, type));
  VecOp vecOp = row->second.op;
  if (type == DType::Bool) {
    // Numbers of one bit: products are `and`, sums `xor`.
    if (vecOp == VecOp::Mul)
      vecOp = VecOp::And;
    else if (vecOp == VecOp::Add || vecOp == VecOp::Sub)
      vecOp = VecOp::Xor;
    else if (vecOp == VecOp::Max || vecOp == VecOp::Min) {
      // As signed numbers true is -1, the smaller one.
      bool isMax = vecOp == VecOp::Max;
      bool isSigned = row->second.sign == Sign::Signed;
      vecOp = isMax != isSigned ? VecOp::Or : VecOp::And;
    } else if (vecOp != VecOp::And && vecOp != VecOp::Or &&
               vecOp != VecOp::Xor) {
      return failure();
    }
  }
  set(op, add(vecOp, type, operands));
  return success();
}

FailureOr<stream::VecProgram> ProgramBuilder::run() {
  Block &block = map.getBody().front();
  program.name = nodeNameOf(map.getLoc());
  program.numIns = map.getInputs().size();
  program.numOuts = 1;
  for (auto [i, argument, input] :
       llvm::enumerate(block.getArguments(), map.getInputs())) {
    std::optional<DType> type = tryDTypeOf(input.getType());
    if (!type)
      return map.emitOpError("input ")
             << i << " has a type that no engine holds: " << input.getType();
    values[argument] = add(VecOp::Load, *type, *type, {}, i);
  }
  for (Operation &op : block.without_terminator())
    if (failed(emit(op))) {
      auto error = map.emitOpError();
      if (std::string node = nodeNameOf(map.getLoc()); !node.empty())
        error << "node '" << node << "': ";
      return error << "no vector instruction computes '" << op.getName()
                   << "' on " << op.getOperandTypes();
    }
  std::optional<DType> out = tryDTypeOf(map.getType());
  if (!out)
    return map.emitOpError("has a type that no engine holds: ")
           << map.getType();
  add(VecOp::Store, *out, *out, {reg(map.getYielded(), *out)}, 0);
  dropDead();
  if (program.registers.size() > stream::kMaxRegisters)
    return map.emitOpError("needs more than ")
           << stream::kMaxRegisters << " registers";
  reuseRegisters();
  return std::move(program);
}

/// Instructions whose result nobody reads (parts of a matched sigmoid).
void ProgramBuilder::dropDead() {
  std::vector<bool> read(program.registers.size());
  std::vector<VecInstr> kept;
  for (const VecInstr &instr : llvm::reverse(program.instrs)) {
    auto op = static_cast<VecOp>(instr.op);
    const stream::VecOpInfo &info = stream::infoOf(op);
    // Loads stay: a program reads each of its operands.
    if (info.writesRegister && op != VecOp::Load && !read[instr.dst])
      continue;
    const uint16_t regs[] = {instr.a, instr.b, instr.c};
    for (unsigned i = 0; i < info.numOperands; ++i)
      read[regs[i]] = true;
    kept.push_back(instr);
  }
  std::reverse(kept.begin(), kept.end());
  program.instrs = std::move(kept);
}

/// Gives registers back after their last read. A result never takes the
/// register of an operand of the same instruction, and a constant shares its
/// register with nothing: an executor may fill it once.
void ProgramBuilder::reuseRegisters() {
  std::vector<size_t> lastRead(program.registers.size(), 0);
  std::vector<bool> isConstant(program.registers.size());
  for (auto [at, instr] : llvm::enumerate(program.instrs)) {
    const uint16_t regs[] = {instr.a, instr.b, instr.c};
    auto op = static_cast<VecOp>(instr.op);
    if (op == VecOp::Const)
      isConstant[instr.dst] = true;
    for (unsigned i = 0; i < stream::infoOf(op).numOperands; ++i)
      lastRead[regs[i]] = at;
  }
  std::vector<DType> types;
  std::vector<uint16_t> renamed(program.registers.size(), 0);
  std::map<DType, std::vector<uint16_t>> free;
  for (auto [at, instr] : llvm::enumerate(program.instrs)) {
    auto op = static_cast<VecOp>(instr.op);
    const stream::VecOpInfo &info = stream::infoOf(op);
    uint16_t *regs[] = {&instr.a, &instr.b, &instr.c};
    SmallVector<uint16_t> ending;
    for (unsigned i = 0; i < info.numOperands; ++i)
      if (lastRead[*regs[i]] == at && !isConstant[*regs[i]] &&
          !llvm::is_contained(ending, *regs[i]))
        ending.push_back(*regs[i]);
    if (info.writesRegister) {
      uint16_t old = instr.dst;
      DType type = program.registers[old];
      std::vector<uint16_t> &pool = free[type];
      if (pool.empty() || op == VecOp::Const) {
        renamed[old] = types.size();
        types.push_back(type);
      } else {
        renamed[old] = pool.back();
        pool.pop_back();
      }
      instr.dst = renamed[old];
    }
    for (unsigned i = 0; i < info.numOperands; ++i)
      *regs[i] = renamed[*regs[i]];
    for (uint16_t old : ending)
      free[program.registers[old]].push_back(renamed[old]);
  }
  program.registers = std::move(types);
}

} // namespace

FailureOr<stream::VecProgram> hybridc::hyb::buildVecProgram(MapOp map) {
  return ProgramBuilder(map).run();
}

VecCounts hybridc::hyb::countInstructions(const stream::VecProgram &program) {
  VecCounts counts;
  for (const VecInstr &instr : program.instrs) {
    switch (static_cast<VecOp>(instr.op)) {
    case VecOp::Load:
    case VecOp::Store:
    case VecOp::Const:
    case VecOp::Index:
    case VecOp::Mov:
      continue;
    default:
      break;
    }
    ++counts.ops;
    auto op = static_cast<VecOp>(instr.op);
    bool isSpecial = op == VecOp::Pow || op == VecOp::Sigmoid ||
                     (op >= VecOp::Exp && op <= VecOp::Atanh);
    counts.special += isSpecial;
  }
  return counts;
}
