//===- CommandSpecTest.cpp - The rules of single commands -----------------===//
#include "Sample.h"

#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/VecIsa.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

using namespace hybridc::stream;
using namespace hybridc::stream::sample;

namespace {

void fine(const Command &c) { EXPECT_EQ(checkCommand(c), ""); }

/// `change` makes a well formed command wrong in the way that `words` say.
void refuses(Command c, std::string_view words,
             const std::function<void(Command &)> &change) {
  ASSERT_EQ(checkCommand(c), "") << "before the change";
  change(c);
  std::string error = checkCommand(c);
  EXPECT_NE(error.find(words), std::string::npos)
      << "expected: " << words << "\nactual:   " << error;
}

/// Replaces or adds an attribute.
void set(Command &c, Attr attr) {
  auto at = std::find_if(c.attrs.begin(), c.attrs.end(),
                         [&](const Attr &a) { return a.name >= attr.name; });
  if (at != c.attrs.end() && at->name == attr.name)
    *at = std::move(attr);
  else
    c.attrs.insert(at, std::move(attr));
}

void drop(Command &c, std::string_view name) {
  std::erase_if(c.attrs, [&](const Attr &a) { return a.name == name; });
}

using Shape = std::vector<int64_t>;

View view(Shape shape, DType type = DType::F32) {
  return sram(0, std::move(shape), type);
}

Command matmul() {
  return command(Op::Matmul, {view({2, 3, 4}), view({2, 4, 5})},
                 {view({2, 3, 5})});
}

Command conv(Shape x, Shape w, Shape y, std::vector<Attr> attrs = {}) {
  Command c = command(Op::Conv, {view(x), view(w)}, {view(y)},
                      {ints("dilations", {1, 1}), ints("pads", {0, 0, 0, 0}),
                       ints("strides", {1, 1})});
  for (Attr &attr : attrs)
    set(c, attr);
  return c;
}
Command conv() { return conv({1, 4, 6, 6}, {8, 4, 3, 3}, {1, 8, 4, 4}); }

Command mvm() {
  return command(
      Op::Mvm, {view({2, 16})}, {view({2, 4})},
      {ints("arrays", {0}), ints("k_offsets", {0}), ints("n_offsets", {0})});
}
Command mvmConv() {
  return command(Op::Mvm, {view({1, 4, 6, 6})}, {view({1, 8, 4, 4})},
                 {ints("arrays", {0}), ints("dilations", {1, 1}),
                  ints("k_offsets", {0}), ints("kernel", {3, 3}),
                  ints("n_offsets", {0}), ints("pads", {0, 0, 0, 0}),
                  ints("strides", {1, 1})});
}

Command pool() {
  return command(Op::Pool, {view({1, 2, 5})}, {view({1, 2, 2})},
                 {ints("dilations", {1, 1, 1}), text("kind", "max"),
                  ints("pads", {0, 0, 0, 0, 0, 0}), ints("strides", {1, 1, 2}),
                  ints("window", {1, 1, 3})});
}

Command reduce(const char *kind = "sum") {
  return command(Op::Reduce, {view({2, 3, 4})}, {view({2, 1, 1})},
                 {ints("axes", {1, 2}), text("kind", kind)});
}

Command normalize() {
  return command(Op::Normalize, {view({2, 3})}, {view({2, 3})},
                 {ints("axes", {1}), text("kind", "softmax")});
}

Command gather() {
  return command(Op::Gather, {view({5, 3}), view({2, 2}, DType::I64)},
                 {view({2, 2, 3})}, {ints("axis", {0})});
}

} // namespace

TEST(CommandSpec, TheTableMatchesTheEnumeration) {
  ASSERT_EQ(commandSpecs().size(), kNumOps);
  for (unsigned i = 0; i < kNumOps; ++i) {
    const CommandSpec &spec = specOf(Op(i));
    EXPECT_EQ(spec.op, Op(i));
    Op op{};
    EXPECT_TRUE(parseOp(spec.name, op));
    EXPECT_EQ(op, Op(i));
    EXPECT_TRUE(std::is_sorted(
        spec.attrs.begin(), spec.attrs.end(),
        [](const AttrSpec &a, const AttrSpec &b) { return a.name < b.name; }))
        << spec.name;
  }
  Op op{};
  EXPECT_FALSE(parseOp("convolve", op));
}

TEST(CommandSpec, TypesHaveNamesAndSizes) {
  std::set<std::string_view> names;
  for (unsigned i = 0; i < kNumDTypes; ++i) {
    names.insert(nameOf(DType(i)));
    DType type{};
    EXPECT_TRUE(parseDType(nameOf(DType(i)), type));
    EXPECT_EQ(type, DType(i));
  }
  EXPECT_EQ(names.size(), kNumDTypes);
  DType type{};
  EXPECT_FALSE(parseDType("f8", type));
  EXPECT_EQ(sizeOf(DType::BF16), 2u);
  EXPECT_EQ(sizeOf(DType::Bool), 1u);
  EXPECT_EQ(sizeOf(DType::U64), 8u);
}

TEST(CommandSpec, HugeShapesSaturate) {
  EXPECT_EQ(numElements(view({})), 1);
  View huge;
  huge.shape = {INT64_MAX, 4, INT64_MAX};
  EXPECT_EQ(numElements(huge), INT64_MAX);
  huge.shape.push_back(0);
  EXPECT_EQ(numElements(huge), 0);
}

TEST(CommandSpec, C36_OperandCounts) {
  refuses(matmul(), "matmul: takes 2 inputs, has 1",
          [](Command &c) { c.ins.pop_back(); });
  refuses(matmul(), "takes 1 outputs, has 0",
          [](Command &c) { c.outs.clear(); });
  Command vec = command(Op::Vec, {}, {view({4})}, {ints("program", {0})});
  refuses(vec, "at least 1 outputs", [](Command &c) { c.outs.clear(); });
  refuses(vec, "more than 256 operands",
          [](Command &c) { c.ins.resize(kMaxOperands, view({4})); });
}

TEST(CommandSpec, C33_C34_Attributes) {
  refuses(reduce(), "must be sorted by name",
          [](Command &c) { std::swap(c.attrs[0], c.attrs[1]); });
  refuses(reduce(), "unique",
          [](Command &c) { c.attrs.push_back(c.attrs[1]); });
  refuses(reduce(), "has no attribute 'zebra'",
          [](Command &c) { set(c, ints("zebra", {0})); });
  refuses(reduce(), "lacks attribute 'kind'",
          [](Command &c) { drop(c, "kind"); });
  refuses(reduce(), "'kind': must be text",
          [](Command &c) { set(c, ints("kind", {0})); });
  refuses(reduce(), "carries more than its text",
          [](Command &c) { c.attrs[1].ints = {1}; });
  refuses(reduce(), "must be one value, has 2",
          [](Command &c) { set(c, ints("select_last", {0, 0})); });
  refuses(reduce(), "unknown kind of attribute",
          [](Command &c) { c.attrs[0].kind = AttrKind(7); });
  // Only a kernel's attributes are its own.
  fine(command(Op::Kernel, {}, {},
               {text("name", "nms"), floats("threshold", {0.5})}));
}

TEST(CommandSpec, C35_Views) {
  auto with = [](const char *words, const std::function<void(View &)> &change) {
    refuses(command(Op::Copy, {view({4})}, {view({4})}), words,
            [&](Command &c) { change(c.ins[0]); });
  };
  with("x: has 0 strides for rank 1", [](View &v) { v.strides.clear(); });
  with("x: extent -1", [](View &v) { v.shape[0] = -1; });
  with("x: extent", [](View &v) { v.shape[0] = kMaxExtent + 1; });
  with("elements", [](View &v) {
    v.shape = {kMaxExtent, 2};
    v.strides = {0, 0};
  });
  with("x: stride -9223372036854775808", [](View &v) {
    v.shape[0] = 1;
    v.strides[0] = INT64_MIN;
  });
  with("x: step 1099511627777", [](View &v) { v.steps = {kMaxDistance + 1}; });
  with("rank 17", [](View &v) {
    v.shape.resize(17, 1);
    v.strides.resize(17, 1);
  });
  with("unknown element type", [](View &v) { v.type = DType(kNumDTypes); });
  with("unknown memory space", [](View &v) { v.space = Space(2); });
}

TEST(CommandSpec, C20_Copy) {
  Command copy = command(Op::Copy, {view({4})}, {view({4})});
  refuses(copy, "shape of x is 4, of y 2x2",
          [](Command &c) { c.outs[0] = view({2, 2}); });
  refuses(copy, "type of x is f32, of y i32",
          [](Command &c) { c.outs[0].type = DType::I32; });
  fine(command(Op::Copy, {view({0, 3})}, {view({0, 3})}));
}

TEST(CommandSpec, C21_Fill) {
  auto fill = [](DType type, int64_t bits) {
    return checkCommand(
        command(Op::Fill, {}, {view({4}, type)}, {ints("bits", {bits})}));
  };
  EXPECT_EQ(fill(DType::F32, 0xffffffff), "");
  EXPECT_NE(fill(DType::F32, -1).find("does not fit the 32 bits of f32"),
            std::string::npos);
  EXPECT_EQ(fill(DType::I64, -1), "");
  EXPECT_NE(fill(DType::U8, 256), "");
  EXPECT_NE(fill(DType::Bool, 2).find("is no bool"), std::string::npos);
}

TEST(CommandSpec, C1_C2_C3_C19_Matmul) {
  fine(matmul());
  fine(command(Op::Matmul, {view({3, 4}), view({4, 5})}, {view({3, 5})}));
  refuses(matmul(), "ranks must be equal and at least 2", // (C1)
          [](Command &c) { c.ins[0] = view({3, 4}); });
  refuses(matmul(), "batch dimension 0: a 3, b 2, c 2", // (C2)
          [](Command &c) { c.ins[0] = view({3, 3, 4}); });
  refuses(matmul(), "K of a is 3, K of b is 4", // (C3)
          [](Command &c) { c.ins[0] = view({2, 3, 3}); });
  refuses(matmul(), "M of c is 9",
          [](Command &c) { c.outs[0] = view({2, 9, 5}); });
  refuses(matmul(), "N of c is 9",
          [](Command &c) { c.outs[0] = view({2, 3, 9}); });
  refuses(matmul(), "a: has no elements", [](Command &c) { // (C19)
    c.ins = {view({2, 3, 0}), view({2, 0, 5})};
  });
}

TEST(CommandSpec, C4_ContractionTypes) {
  auto types = [](DType a, DType b, DType c) {
    Command m = matmul();
    m.ins[0].type = a;
    m.ins[1].type = b;
    m.outs[0].type = c;
    return checkCommand(m).empty();
  };
  for (DType type : {DType::F32, DType::F64, DType::F16, DType::BF16,
                     DType::I32, DType::I64, DType::U32, DType::U64})
    EXPECT_TRUE(types(type, type, type)) << nameOf(type);
  for (DType type : {DType::I8, DType::U8, DType::I16, DType::Bool})
    EXPECT_FALSE(types(type, type, type)) << nameOf(type);
  EXPECT_TRUE(types(DType::I8, DType::U8, DType::I32));
  EXPECT_TRUE(types(DType::BF16, DType::BF16, DType::F32));
  EXPECT_FALSE(types(DType::BF16, DType::F16, DType::F32));
  EXPECT_FALSE(types(DType::F32, DType::F32, DType::F64));
}

TEST(CommandSpec, C5_C37_ZeroPointsAndFlags) {
  Command m = matmul();
  m.ins[0].type = DType::U8;
  m.ins[1].type = DType::I8;
  m.outs[0].type = DType::I32;
  set(m, ints("a_zero", {255}));
  set(m, ints("b_zero", {-128}));
  fine(m);
  refuses(m, "'a_zero': 256 does not fit u8",
          [](Command &c) { set(c, ints("a_zero", {256})); });
  refuses(m, "'b_zero': -129 does not fit i8",
          [](Command &c) { set(c, ints("b_zero", {-129})); });
  refuses(matmul(), "'a_zero': must be 0 for f32",
          [](Command &c) { set(c, ints("a_zero", {1})); });
  refuses(matmul(), "'accumulate': must be 0 or 1, is 2", // (C37)
          [](Command &c) { set(c, ints("accumulate", {2})); });
}

TEST(CommandSpec, C6_C9_C10_Conv) {
  fine(conv());
  fine(command(
      Op::Conv, {view({1, 4, 6}), view({8, 4, 3})}, {view({1, 8, 2})},
      {ints("dilations", {1}), ints("pads", {0, 0}), ints("strides", {2})}));
  fine(conv({1, 4, 6, 6}, {8, 4, 3, 3}, {1, 8, 3, 3},
            {ints("pads", {1, 1, 1, 1}), ints("strides", {2, 2})}));
  refuses(conv(), "1 to 3 spatial dimensions", // (C6)
          [](Command &c) { c.ins[0] = view({4, 6}); });
  refuses(conv(), "w: shape 8x5x3x3 must be 8x4x3x3", // (C9)
          [](Command &c) { c.ins[1] = view({8, 5, 3, 3}); });
  refuses(conv(), "w: shape 8 lacks", [](Command &c) { c.ins[1] = view({8}); });
  refuses(conv(), "y: extent 5 of spatial dimension 0 must be 4", // (C10)
          [](Command &c) { c.outs[0] = view({1, 8, 5, 4}); });
  refuses(conv(), "smaller than the dilated filter",
          [](Command &c) { set(c, ints("dilations", {3, 1})); });
  refuses(conv(), "'strides': 0 is not within",
          [](Command &c) { set(c, ints("strides", {1, 0})); });
  refuses(conv(), "'pads': must have 4 values, has 2",
          [](Command &c) { set(c, ints("pads", {1, 1})); });
  refuses(conv(), "'pads': -1",
          [](Command &c) { set(c, ints("pads", {0, 0, 0, -1})); });
  refuses(conv(), "'dilations':", [](Command &c) {
    set(c, ints("dilations", {INT64_MAX, 1}));
  });
  refuses(conv(), "batch of x is 1, of y 2",
          [](Command &c) { c.outs[0] = view({2, 8, 4, 4}); });
}

TEST(CommandSpec, C10_TransposedConv) {
  Command t = conv({1, 4, 3, 3}, {4, 2, 3, 3}, {1, 2, 7, 7},
                   {ints("strides", {2, 2}), ints("transposed", {1})});
  fine(t);
  // One row and column of output padding.
  Command padded = t;
  padded.outs[0] = view({1, 2, 8, 8});
  set(padded, ints("pads", {0, 0, -1, -1}));
  fine(padded);
  refuses(t, "must be 7", [](Command &c) { c.outs[0] = view({1, 2, 8, 7}); });
  refuses(t, "begin -1 is negative",
          [](Command &c) { set(c, ints("pads", {-1, 0, 0, 0})); });
  refuses(t, "leave no output",
          [](Command &c) { set(c, ints("pads", {7, 0, 0, 0})); });
}

TEST(CommandSpec, C7_C8_Blocks) {
  Command both = conv({1, 2, 6, 6, 4}, {2, 2, 3, 3, 4, 4}, {1, 2, 4, 4, 4},
                      {ints("x_block", {4}), ints("y_block", {4})});
  fine(both);
  Command first = conv({1, 3, 6, 6}, {2, 3, 3, 3, 4}, {1, 2, 4, 4, 4},
                       {ints("y_block", {4})});
  fine(first);
  Command depthwise =
      conv({1, 2, 6, 6, 4}, {2, 3, 3, 4}, {1, 2, 4, 4, 4},
           {ints("groups", {8}), ints("x_block", {4}), ints("y_block", {4})});
  fine(depthwise);
  refuses(both, "x_block 4 needs an equal y_block, has 0", // (C7)
          [](Command &c) { drop(c, "y_block"); });
  refuses(both, "x: innermost extent 4 is not x_block 8", [](Command &c) {
    set(c, ints("x_block", {8}));
    set(c, ints("y_block", {8}));
  });
  refuses(both, "'x_block': must be 0 or within",
          [](Command &c) { set(c, ints("x_block", {1})); });
  refuses(both, "'x_block': must be 0 or within",
          [](Command &c) { set(c, ints("x_block", {INT64_MIN})); });
  refuses(both, "no blocked layout",
          [](Command &c) { set(c, ints("transposed", {1})); });
  refuses(both, "w: shape", [](Command &c) { c.ins[1] = view({8, 8, 3, 3}); });
  refuses(both, "must be 1 group, or depthwise", // (C8)
          [](Command &c) { set(c, ints("groups", {2})); });
  refuses(conv(), "groups 3 must divide",
          [](Command &c) { set(c, ints("groups", {3})); });
  refuses(conv(), "groups 0 must divide",
          [](Command &c) { set(c, ints("groups", {0})); });
  fine(conv({1, 4, 6, 6}, {8, 2, 3, 3}, {1, 8, 4, 4}, {ints("groups", {2})}));
}

TEST(CommandSpec, C11_C12_C13_Mvm) {
  fine(mvm());
  fine(mvmConv());
  refuses(mvm(), "'arrays': is empty", // (C11)
          [](Command &c) { set(c, ints("arrays", {})); });
  refuses(mvm(), "'k_offsets': has 2 values for 1 arrays",
          [](Command &c) { set(c, ints("k_offsets", {0, 8})); });
  refuses(mvm(), "'n_offsets': -1 is out of range",
          [](Command &c) { set(c, ints("n_offsets", {-1})); });
  refuses(mvm(), "-1 is no array number",
          [](Command &c) { set(c, ints("arrays", {-1})); });
  refuses(mvm(), "batch dimension 0: x is 3, y is 2", // (C12)
          [](Command &c) { c.ins[0] = view({3, 16}); });
  refuses(mvm(), "'pads' needs 'kernel'",
          [](Command &c) { set(c, ints("pads", {0, 0})); });
  refuses(mvm(), "'input_range': must be finite",
          [](Command &c) { set(c, floats("input_range", {-1.0})); });
  refuses(mvmConv(), "must be 4",
          [](Command &c) { c.outs[0] = view({1, 8, 5, 4}); });
  refuses(mvmConv(), "batch of x is 1, of y 2",
          [](Command &c) { c.outs[0] = view({2, 8, 4, 4}); });
  refuses(mvmConv(), "x: shape 1x4x6x6 must have rank 5",
          [](Command &c) { set(c, ints("x_block", {4})); });
  refuses(mvmConv(), "'kernel': 0 is out of range",
          [](Command &c) { set(c, ints("kernel", {0, 3})); });
  refuses(mvmConv(), "'transposed' and 'kernel' do not go together",
          [](Command &c) { set(c, ints("transposed", {1})); });
  refuses(mvm(), "must be f32 -> f32", // (C13)
          [](Command &c) { c.ins[0].type = DType::I8; });
}

TEST(CommandSpec, C14_ProgramArray) {
  Command p = command(Op::ProgramArray, {view({8, 4})}, {},
                      {ints("array", {0}), floats("scale", {0.5})});
  refuses(p, "must be f32 of rank 2", [](Command &c) { c.ins[0] = view({8}); });
  refuses(p, "must be f32 of rank 2",
          [](Command &c) { c.ins[0].type = DType::F16; });
  for (double scale : {0.0, -1.0, HUGE_VAL, std::nan("")})
    refuses(p, "'scale': must be finite and positive",
            [=](Command &c) { set(c, floats("scale", {scale})); });
  Command columns = p;
  set(columns, floats("scale", {0.5, 1, 2, 4}));
  fine(columns);
  refuses(columns, "3 values for 4 columns",
          [](Command &c) { set(c, floats("scale", {0.5, 1, 2})); });
  refuses(columns, "'scale': must be finite and positive",
          [](Command &c) { set(c, floats("scale", {0.5, 1, 2, 0})); });
  refuses(p, "no array number",
          [](Command &c) { set(c, ints("array", {INT64_MAX})); });
}

TEST(CommandSpec, C38_C39_ReadArrayAndSetGain) {
  Command read = command(Op::ReadArray, {}, {},
                         {ints("array", {0}), ints("reads", {4096})});
  fine(read);
  for (int64_t reads : {int64_t(0), int64_t(4097), INT64_MIN})
    refuses(read, "is not within 1 to 4096", // (C38)
            [=](Command &c) { set(c, ints("reads", {reads})); });
  refuses(read, "no array number",
          [](Command &c) { set(c, ints("array", {-1})); });
  Command gain = command(Op::SetGain, {}, {},
                         {ints("array", {0}), text("kind", "column")});
  fine(gain);
  refuses(gain, "neither global nor column", // (C39)
          [](Command &c) { set(c, text("kind", "row")); });
  refuses(gain, "no array number",
          [](Command &c) { set(c, ints("array", {INT64_MAX})); });
}

TEST(CommandSpec, C40_C41_PulsedUpdate) {
  Command update =
      command(Op::PulsedUpdate, {view({2, 16}), view({2, 4})}, {},
              {ints("arrays", {0, 1}), ints("k_offsets", {0, 8}),
               floats("learning_rate", {0.5}), ints("n_offsets", {0, 0})});
  fine(update);
  refuses(update, "x 2x16, d 4: ranks must be equal", // (C40)
          [](Command &c) { c.ins[1] = view({4}); });
  refuses(update, "batch dimension 0: x is 2, d 3",
          [](Command &c) { c.ins[1] = view({3, 4}); });
  refuses(update, "x and d are f32 and f16, must be f32",
          [](Command &c) { c.ins[1].type = DType::F16; });
  refuses(update, "'k_offsets': has 1 values for 2 arrays", // (C11)
          [](Command &c) { set(c, ints("k_offsets", {0})); });
  refuses(update, "'ideal': must be 0 or 1",
          [](Command &c) { set(c, ints("ideal", {2})); });
  refuses(update, "d: has no elements", [](Command &c) { // (C19)
    c.ins[1] = view({2, 0});
  });
  for (double rate : {HUGE_VAL, std::nan("")})
    refuses(update, "'learning_rate': must be finite", // (C41)
            [=](Command &c) { set(c, floats("learning_rate", {rate})); });
  refuses(update, "has lr as an operand and attribute 'learning_rate'",
          [](Command &c) { c.ins.push_back(view({1})); });
  Command scheduled = update;
  scheduled.attrs.erase(scheduled.attrs.begin() + 2);
  EXPECT_EQ(checkCommand(scheduled),
            "pulsed_update: lacks lr: neither a third operand nor attribute "
            "'learning_rate'");
  scheduled.ins.push_back(view({}));
  fine(scheduled);
  refuses(scheduled, "lr: f32 2 must be one f32",
          [](Command &c) { c.ins[2] = view({2}); });
  refuses(scheduled, "lr: f64 scalar must be one f32",
          [](Command &c) { c.ins[2].type = DType::F64; });
}

TEST(CommandSpec, C43_RefreshPairs) {
  Command refresh = command(Op::RefreshPairs, {}, {},
                            {ints("array", {0}), floats("lower", {0}),
                             ints("pulses", {65535}), floats("upper", {1})});
  fine(refresh);
  fine(command(Op::RefreshPairs, {}, {}, {ints("array", {3})}));
  for (double part : {-0.1, 1.1, HUGE_VAL, std::nan("")})
    for (const char *name : {"lower", "upper"})
      refuses(refresh, "is not within 0 to 1",
              [=](Command &c) { set(c, floats(name, {part})); });
  for (int64_t pulses : {int64_t(-1), int64_t(65536), INT64_MAX})
    refuses(refresh, "'pulses': ", [=](Command &c) {
      set(c, ints("pulses", {pulses}));
    });
  refuses(refresh, "no array number",
          [](Command &c) { set(c, ints("array", {-1})); });
}

TEST(CommandSpec, C42_ReadWeights) {
  Command read = command(Op::ReadWeights, {}, {view({16, 4})},
                         {ints("arrays", {0, 1}), ints("k_offsets", {0, 8}),
                          ints("n_offsets", {0, 0}), ints("reads", {4096})});
  fine(read);
  refuses(read, "w: f32 64 must be f32 of rank 2",
          [](Command &c) { c.outs[0] = view({64}); });
  refuses(read, "w: f16 16x4 must be f32 of rank 2",
          [](Command &c) { c.outs[0].type = DType::F16; });
  refuses(read, "is not within 1 to 4096", // (C38)
          [](Command &c) { set(c, ints("reads", {0})); });
}

TEST(CommandSpec, C15_C16_C17_C18_Pool) {
  fine(pool());
  refuses(pool(), "ranks must be equal", // (C15)
          [](Command &c) { c.outs[0] = view({2, 2}); });
  refuses(pool(), "'window': must have 3 values, has 2", // (C16)
          [](Command &c) { set(c, ints("window", {1, 3})); });
  refuses(pool(), "'window': 0",
          [](Command &c) { set(c, ints("window", {1, 1, 0})); });
  // (C17) Ceil mode: the third window starts at element 4 of 5.
  Command ceil = pool();
  ceil.outs[0] = view({1, 2, 3});
  fine(ceil);
  refuses(pool(), "starts past the padded input",
          [](Command &c) { c.outs[0] = view({1, 2, 4}); });
  refuses(pool(), "types f32 -> i32", // (C18)
          [](Command &c) { c.outs[0].type = DType::I32; });
  refuses(pool(), "'kind': 'min' is none of max, sum, mean",
          [](Command &c) { set(c, text("kind", "min")); });
}

TEST(CommandSpec, C22_Vec) {
  Command vec = command(Op::Vec, {view({4})}, {view({4}), view({4})},
                        {ints("program", {0})});
  refuses(vec, "in 0: shape 1 must be 4",
          [](Command &c) { c.ins[0] = view({1}); });
  refuses(vec, "out 1: shape 2x2 must be 4",
          [](Command &c) { c.outs[1] = view({2, 2}); });
  refuses(vec, "'program': is negative",
          [](Command &c) { set(c, ints("program", {-1})); });
}

TEST(CommandSpec, C23_C24_C25_C26_Gather) {
  fine(gather());
  refuses(gather(), "'axis': 2 is not a dimension", // (C23)
          [](Command &c) { set(c, ints("axis", {2})); });
  refuses(gather(), "'axis': -1 is not a dimension",
          [](Command &c) { set(c, ints("axis", {-1})); });
  refuses(gather(), "idx: type f32", // (C24)
          [](Command &c) { c.ins[1].type = DType::F32; });
  refuses(gather(), "y: shape 4x3 must be 2x2x3", // (C25)
          [](Command &c) { c.outs[0] = view({4, 3}); });
  refuses(gather(), "type of data is f32, of y i8",
          [](Command &c) { c.outs[0].type = DType::I8; });
  refuses(gather(), "no elements along the axis", // (C26)
          [](Command &c) { c.ins[0] = view({0, 3}); });
}

TEST(CommandSpec, C27_Kernel) {
  refuses(command(Op::Kernel, {}, {}, {text("name", "nms")}),
          "'name': is empty", [](Command &c) { set(c, text("name", "")); });
}

TEST(CommandSpec, C28_C29_C30_Reduce) {
  fine(reduce());
  refuses(reduce(), "'axes': 3 is not within 0 to 2", // (C28)
          [](Command &c) { set(c, ints("axes", {1, 3})); });
  refuses(reduce(), "ascending and unique",
          [](Command &c) { set(c, ints("axes", {2, 1})); });
  refuses(reduce(), "'axes': is empty",
          [](Command &c) { set(c, ints("axes", {})); });
  refuses(reduce(), "y: shape 2 must be 2x1x1", // (C29)
          [](Command &c) { c.outs[0] = view({2}); });
  Command arg = command(Op::Reduce, {view({2, 3})}, {view({2, 1}, DType::I64)},
                        {ints("axes", {1}), text("kind", "argmax")});
  fine(arg);
  refuses(arg, "y: type f32 must be i64", // (C30)
          [](Command &c) { c.outs[0].type = DType::F32; });
  refuses(arg, "no elements along axis 1",
          [](Command &c) { c.ins[0] = view({2, 0}); });
  refuses(arg, "takes one axis", [](Command &c) {
    set(c, ints("axes", {0, 1}));
    c.outs[0] = view({1, 1}, DType::I64);
  });
  refuses(reduce("max"), "x: sum of bool", [](Command &c) {
    c.ins[0].type = c.outs[0].type = DType::Bool;
    set(c, text("kind", "sum"));
  });
  // A sum of nothing is zero.
  fine(command(Op::Reduce, {view({2, 0})}, {view({2, 1})},
               {ints("axes", {1}), text("kind", "sum")}));
}

TEST(CommandSpec, C31_C32_Normalize) {
  fine(normalize());
  refuses(normalize(), "shape of x is 2x3, of y 3x2", // (C31)
          [](Command &c) { c.outs[0] = view({3, 2}); });
  refuses(normalize(), "must be equal and floats",
          [](Command &c) { c.ins[0].type = c.outs[0].type = DType::I8; });
  refuses(normalize(), "'epsilon': must be finite", // (C32)
          [](Command &c) { set(c, floats("epsilon", {std::nan("")})); });
}
