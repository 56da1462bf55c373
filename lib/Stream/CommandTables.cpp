//===- CommandTables.cpp - The commands of each engine --------------------===//
#include "hybridc/Stream/CommandSpec.h"

#include <cstddef>

namespace hybridc::stream {

namespace {

using E = EngineKind;

constexpr AttrKind kInts = AttrKind::Ints;
constexpr AttrKind kFloats = AttrKind::Floats;
constexpr AttrKind kText = AttrKind::Text;

AttrSpec required(std::string_view name, AttrKind kind, std::string_view doc) {
  return {name, kind, true, doc, false};
}
AttrSpec optional(std::string_view name, AttrKind kind, std::string_view doc) {
  return {name, kind, false, doc, false};
}
AttrSpec requiredList(std::string_view name, std::string_view doc) {
  return {name, kInts, true, doc, true};
}
AttrSpec optionalList(std::string_view name, std::string_view doc) {
  return {name, kInts, false, doc, true};
}

constexpr std::string_view kAccumulate = "1: add onto the output (0)";
constexpr std::string_view kZero = "integer zero point, subtracted (0)";
constexpr std::string_view kStrides = "one per spatial dimension";
constexpr std::string_view kPads = "begins, then ends";
constexpr std::string_view kBlock =
    "channels innermost in blocks of this many; 0: not blocked (0)";

/// Moves and fills.
std::vector<CommandSpec> dmaSpecs() {
  return {
      {Op::Copy,
       "copy",
       E::Dma,
       1,
       1,
       1,
       1,
       true,
       {},
       false,
       "y = x, element by element",
       {"x"},
       {"y"}},
      {Op::Fill,
       "fill",
       E::Dma,
       0,
       0,
       1,
       1,
       true,
       {required("bits", kInts, "bit pattern of the element, zero-extended")},
       false,
       "every element of y = bits",
       {},
       {"y"}},
  };
}

/// Exact products.
std::vector<CommandSpec> macSpecs() {
  return {
      {Op::Matmul,
       "matmul",
       E::Mac,
       2,
       2,
       1,
       1,
       false,
       {optional("a_zero", kInts, kZero),
        optional("accumulate", kInts, kAccumulate),
        optional("b_zero", kInts, kZero)},
       false,
       "c[B…,M,N] = a[B…,M,K] · b[B…,K,N]",
       {"a", "b"},
       {"c"}},
      {Op::Conv,
       "conv",
       E::Mac,
       2,
       2,
       1,
       1,
       false,
       {optional("accumulate", kInts, kAccumulate),
        requiredList("dilations", kStrides),
        optional("groups", kInts, "channel groups (1)"),
        requiredList("pads", kPads), requiredList("strides", kStrides),
        optional("transposed", kInts,
                 "1: transposed convolution; a negative end pad is output "
                 "padding (0)"),
        optional("w_zero", kInts, kZero), optional("x_block", kInts, kBlock),
        optional("x_zero", kInts, kZero), optional("y_block", kInts, kBlock)},
       false,
       "convolution of x with the filters w",
       {"x", "w"},
       {"y"}},
  };
}

/// Arrays: what is computed with W, and W itself.
std::vector<CommandSpec> arrayProductSpecs() {
  return {
      {Op::Mvm,
       "mvm",
       E::Array,
       1,
       1,
       1,
       1,
       false,
       {optional("accumulate", kInts, kAccumulate),
        requiredList("arrays", "array tiles that hold W"),
        optionalList("dilations", "with kernel: one per spatial dimension"),
        optional("ideal", kInts, "1: exact product, no periphery (0)"),
        optional("input_range", kFloats,
                 "full scale of the DAC; 0: largest |x| of each vector (0)"),
        requiredList("k_offsets", "first row of W in each tile"),
        optionalList("kernel", "spatial extents of a convolution's filter"),
        requiredList("n_offsets", "first column of W in each tile"),
        optionalList("pads", "with kernel: begins, then ends"),
        optionalList("strides", "with kernel: one per spatial dimension"),
        optional("transposed", kInts,
                 "1: y = x · Wᵀ, driven from the columns (0)"),
        optional("x_block", kInts, kBlock), optional("y_block", kInts, kBlock)},
       false,
       "y = x · W, W[K,N] held by arrays",
       {"x"},
       {"y"}},
      {Op::PulsedUpdate,
       "pulsed_update",
       E::Array,
       2,
       3,
       0,
       0,
       false,
       {requiredList("arrays", "array tiles that hold W"),
        optional("ideal", kInts, "1: exact sum, no pulses (0)"),
        requiredList("k_offsets", "first row of W in each tile"),
        optional("learning_rate", kFloats, "lr, when it is no operand"),
        requiredList("n_offsets", "first column of W in each tile")},
       false,
       "W −= lr · xᵀ · d, W[K,N] held by arrays that train",
       {"x", "d", "lr"},
       {}},
      {Op::ReadWeights,
       "read_weights",
       E::Array,
       0,
       0,
       1,
       1,
       false,
       {requiredList("arrays", "array tiles that hold W"),
        optional("ideal", kInts, "1: as held, no periphery (0)"),
        requiredList("k_offsets", "first row of W in each tile"),
        requiredList("n_offsets", "first column of W in each tile"),
        optional("reads", kInts, "read-outs of each row, averaged (1)")},
       false,
       "w = W, W[K,N] held by arrays",
       {},
       {"w"}},
  };
}

/// Arrays: one tile written, read out, corrected.
std::vector<CommandSpec> arrayUpkeepSpecs() {
  return {
      {Op::ProgramArray,
       "program_array",
       E::Array,
       1,
       1,
       0,
       0,
       true,
       {required("array", kInts, "the array tile written"),
        AttrSpec{"scale", kFloats, true,
                 "the weight that maps to the largest conductance: one, or "
                 "one a column",
                 true}},
       false,
       "writes w[K,N] into an array tile",
       {"w"},
       {}},
      {Op::ReadArray,
       "read_array",
       E::Array,
       0,
       0,
       0,
       0,
       false,
       {required("array", kInts, "the array tile read"),
        optional("reads", kInts, "read-outs of each row, averaged (16)")},
       false,
       "mean |read-out| of each column, kept beside the array",
       {},
       {}},
      {Op::SetGain,
       "set_gain",
       E::Array,
       0,
       0,
       0,
       0,
       false,
       {required("array", kInts, "the array tile"),
        required("kind", kText, "global|column")},
       false,
       "output gain = read-out when fresh / last read-out",
       {},
       {}},
      {Op::RefreshPairs,
       "refresh_pairs",
       E::Array,
       0,
       0,
       0,
       0,
       false,
       {required("array", kInts, "the array tile"),
        optional("lower", kFloats,
                 "part of the largest weight that the smaller cell has passed "
                 "(0.25)"),
        optional("pulses", kInts,
                 "longest train of a row's rewriting; 0: the array kind's (0)"),
        optional("upper", kFloats, "the same, of the larger cell (0.75)")},
       false,
       "one-sided pairs that have grown are reset and their difference written "
       "anew",
       {},
       {}},
  };
}

/// Vector programs and reductions.
std::vector<CommandSpec> vecSpecs() {
  return {
      {Op::Vec,
       "vec",
       E::Vec,
       0,
       255,
       1,
       255,
       false,
       {required("program", kInts, "number of the vector program")},
       false,
       "runs a vector program for each element",
       {},
       {}},
      {Op::Reduce,
       "reduce",
       E::Vec,
       1,
       1,
       1,
       1,
       false,
       {requiredList("axes", "dimensions reduced, ascending"),
        required("kind", kText, "sum|mean|max|min|prod|argmax|argmin"),
        optional("select_last", kInts,
                 "arg*: 1: the last of equal elements (0)")},
       false,
       "reduction over axes; y has extent 1 there",
       {"x"},
       {"y"}},
      {Op::Pool,
       "pool",
       E::Vec,
       1,
       1,
       1,
       1,
       false,
       {optional("count_pad", kInts, "mean: 1: padding counts (0)"),
        requiredList("dilations", "one per dimension"),
        required("kind", kText, "max|sum|mean"), requiredList("pads", kPads),
        requiredList("strides", "one per dimension"),
        requiredList("window", "one extent per dimension")},
       false,
       "reduction over a sliding window",
       {"x"},
       {"y"}},
      {Op::Normalize,
       "normalize",
       E::Vec,
       1,
       1,
       1,
       1,
       false,
       {requiredList("axes", "dimensions normalised together, ascending"),
        optional("epsilon", kFloats,
                 "mean_variance: added to the variance (0)"),
        required("kind", kText, "softmax|log_softmax|mean_variance")},
       false,
       "normalisation over axes",
       {"x"},
       {"y"}},
  };
}

/// The control core.
std::vector<CommandSpec> ctlSpecs() {
  return {
      {Op::Gather,
       "gather",
       E::Ctl,
       2,
       2,
       1,
       1,
       true,
       {required("axis", kInts, "dimension of data that is indexed")},
       false,
       "y = data indexed along axis; negative from the end",
       {"data", "idx"},
       {"y"}},
      {Op::Kernel,
       "kernel",
       E::Ctl,
       0,
       255,
       0,
       255,
       true,
       {required("name", kText, "name of the kernel")},
       true,
       "a named kernel of the control core",
       {},
       {}},
  };
}

/// Each table has the commands of one engine; all of them together are indexed
/// by Op.
std::vector<CommandSpec> buildSpecs() {
  std::vector<CommandSpec> specs(kNumOps);
  for (auto table : {dmaSpecs, macSpecs, arrayProductSpecs, arrayUpkeepSpecs,
                     vecSpecs, ctlSpecs})
    for (CommandSpec &spec : table())
      specs[static_cast<size_t>(spec.op)] = std::move(spec);
  return specs;
}

} // namespace

const std::vector<CommandSpec> &commandSpecs() {
  static const std::vector<CommandSpec> kSpecs = buildSpecs();
  return kSpecs;
}

} // namespace hybridc::stream
