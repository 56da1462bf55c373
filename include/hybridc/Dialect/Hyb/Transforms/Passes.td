//===- Passes.td - The passes of the tensor level -------------*- tablegen -*-===//
#ifndef HYBRIDC_DIALECT_HYB_TRANSFORMS_PASSES_TD
#define HYBRIDC_DIALECT_HYB_TRANSFORMS_PASSES_TD

include "hybridc/Chip/PassOptions.td"

class HybPass<string name> : Pass<name, "::mlir::ModuleOp"> {
  let dependentDialects = [
    "::hybridc::hyb::HybDialect", "::mlir::arith::ArithDialect",
    "::mlir::math::MathDialect"
  ];
}

//===----------------------------------------------------------------------===//
// simplify
//===----------------------------------------------------------------------===//

def CanonicalizeMovement : HybPass<"hyb-canonicalize-movement"> {
  let summary = "removes and joins data movement; tidies maps";
  let description = [{
    Slices of slices, reshapes of reshapes and transposes of transposes become
    one; a transpose that moves only dimensions of extent 1 becomes a reshape;
    what does nothing goes. Constant indices of a gather that count evenly make
    it a slice. A constant zero padding before a convolution becomes part of
    it. Maps lose unused and repeated inputs; a constant input whose elements
    are all equal moves into the region.

    ```mlir
    %a = hyb.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
    %b = hyb.transpose %a {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32>
    // every use of %b becomes one of %x
    ```
  }];
}

def IntegerContractions : HybPass<"hyb-integer-contractions"> {
  let summary = "computes quantised models in the integers that they state";
  let description = [{
    A contraction of dequantised 8-bit operands (QuantizeLinear, DequantizeLinear
    around it) becomes a contraction of the integers, whose i32 result is scaled
    by the product of the operands' scales. The activation has one scale and
    zero point, the constant weights one, or scales along their output channels.
    Not for exact builds: sums of f32 products are rounded, those of integers
    are not. Where the weights' DequantizeLinear was folded, the integers are
    found again: a channel whose weights are multiples, by at most 128, of one
    step.

    ```mlir
    %x = map(%xq): (%xq - 3) * 0.5
    %w = map(%wq): %wq * 0.25            // %wq constant
    %y = hyb.conv %x, %w …
    // becomes
    %acc = hyb.conv %xq, %wq {x_zero = 3} … -> i32
    %y = map(%acc): float(%acc) * 0.125
    ```
  }];
  let statistics = [Statistic<"numConverted", "contractions-converted",
                              "contractions that became integer ones">];
}

def F32Contractions : HybPass<"hyb-f32-contractions"> {
  let summary = "contractions of other float types become ones of f32";
  let description = [{
    A contraction of f16, bf16 or f64 operands becomes one of f32 between
    conversions, so that a format that was asked for can be chosen for it:
    partition converts contractions of f32 alone. Constant weights are converted
    at once. Not for exact builds, nor where the format is left to the compiler.

    ```mlir
    %y = hyb.matmul %x, %w : tensor<2x8xf16>, tensor<8x4xf16> -> tensor<2x4xf16>
    // becomes
    %a = map(%x): f32(%x)
    %b = hyb.matmul %a, %w32 : tensor<2x8xf32>, tensor<8x4xf32> -> tensor<2x4xf32>
    %y = map(%b): f16(%b)
    ```
  }];
  let options = [
    Option<"constantOnly", "constant-only", "bool", "false",
           "those with constant weights alone">,
    Option<"keepBf16", "keep-bf16", "bool", "false",
           "leave bf16 operands as they are">
  ];
  let statistics = [Statistic<"numConverted", "contractions-converted",
                              "contractions that became ones of f32">];
}

def FoldScale : HybPass<"hyb-fold-scale"> {
  let summary = "moves a scale per output channel into constant weights";
  let description = [{
    A map that scales and shifts the result of a contraction with constants,
    one for each output channel (BatchNormalization), is `a * y + b`. The
    weights take a; the map keeps `y + b`, as one addition. f32 and f64 only.

    ```mlir
    %y = hyb.conv %x, %w …
    %z = map(%y, %scale, %shift): y * scale + shift
    // becomes
    %w2 = map(%w, %scale): w * scale      // a constant after hyb-fold-constants
    %y = hyb.conv %x, %w2 …
    %z = map(%y, %shift): y + shift
    ```
  }];
  let statistics = [Statistic<"numFolded", "contractions-scaled",
                              "contractions whose weights took a scale">];
}

def FoldConstants : HybPass<"hyb-fold-constants"> {
  let summary = "computes what depends on constants only";
  let description = [{
    An op whose operands are all constants is run by the executor's own kernels,
    so that a folded value has the same bits as a computed one. A result larger
    than `limit` bytes and twice its operands is left alone: a broadcast
    constant would only grow the program.

    ```mlir
    %a = hyb.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %b = map(%a): exp(a)
    // becomes
    %b = hyb.constant dense<[2.71828175, 7.3890562]> : tensor<2xf32>
    ```
  }];
  let options = [
    Option<"limit", "limit", "uint64_t", "65536",
           "bytes that a result may always have">,
    Option<"groups", "groups", "bool", "false",
           "compute groups as well: a program of constants gives its outputs">
  ];
  let statistics = [Statistic<"numFolded", "ops-folded", "ops computed">];
}

//===----------------------------------------------------------------------===//
// fuse
//===----------------------------------------------------------------------===//

def FuseMaps : HybPass<"hyb-fuse-maps"> {
  let summary = "merges element-wise chains into one map";
  let description = [{
    A map whose only user is another map of as many elements becomes part of
    it; a map that merely converts types does so for any number of users. Every
    intermediate keeps its type, so that values do not change by a bit.

    ```mlir
    %a = map(%x): exp(x)
    %b = map(%a, %y): a + y
    // becomes
    %b = map(%x, %y): exp(x) + y
    ```
  }];
  let options = [
    Option<"maxInputs", "max-inputs", "unsigned", "12",
           "inputs that a merged map may have">,
    Option<"maxOps", "max-ops", "unsigned", "256",
           "scalar ops that a merged map may have">
  ];
  let statistics = [Statistic<"numFused", "maps-fused", "maps merged into their user">];
}

def FormGroups : HybPass<"hyb-form-groups"> {
  let summary = "puts every op into a group that runs as one thing";
  let description = [{
    Contractions take the maps that follow them and a pool whose windows do not
    overlap; normalisations, reductions and pools take the maps around them; a
    matrix product, softmax and matrix product become one group. Only values
    with one use are swallowed. What is left is a group of its own, except
    constants and views (reshape, transpose, slice), which are access patterns
    of transfers, and control flow.

    A group is named after its first ONNX node; `.2`, `.3` … make names unique.

    ```mlir
    %1 = hyb.conv %x, %w …
    %2 = map(%1, %b): max(y + b, 0)
    // becomes
    %2 = hyb.group "/conv1" (%x, %w, %b) { conv, map }
    ```
  }];
  let options = [
    Option<"noFuse", "no-fuse", "bool", "false", "every op is a group of its own">,
    Option<"attention", "attention", "bool", "true",
           "group matrix product, softmax, matrix product">,
    Option<"pools", "pools", "bool", "true",
           "contractions take a pool that follows them">
  ];
}

//===----------------------------------------------------------------------===//
// partition
//===----------------------------------------------------------------------===//

def Partition : HybPass<"hyb-partition"> {
  let summary = "decides the engine and the format of each group";
  let description = [{
    A contraction with constant weights may run on analog arrays, every
    contraction on `mac`; maps, reductions, pools and normalisations run on
    `vec`, gathers and host kernels on `ctl`, plain movement on `dma`. Which
    contractions get arrays is a knapsack: the arrays of a kind are shared out
    so that the objective gains most (exactly, while the problem is small). The
    costs are those of `lib/Chip`, as the executor's clock uses them, without
    contention. For `edp` the gains of single groups are summed, which is no
    exact energy-delay product of the whole.

    `precision`: `exact` keeps the model's types; `fp32`, `bf16`, `int8` compute
    contractions in that format on `mac`; `analog` fills the arrays with as
    many multiply-adds as fit; `auto` uses arrays where they pay, else int8
    where the ranges of the inputs are known (attribute `hyb.ranges`), else
    bf16. Only `place` puts anything on arrays in the first four; in `exact`
    they compute ideally.

    `place` and `format` entries are NODE=ENGINE and NODE=FORMAT, with an ONNX
    node's name. The attribute `hyb.alternatives` of a group lists what there
    was to choose from and why something was impossible.

    ```mlir
    %2 = hyb.group "/conv1" (…) {…}
    // becomes
    %2 = hyb.group "/conv1" (…) {…} {place = #hyb.place<"array", "pcm", "analog">,
           cost = #hyb.cost<…>, reason = "analog: 3 arrays of 64 (pcm), 4.1x less energy than mac i8 …"}
    ```
  }];
  let options = [
    Option<"target", "target", "std::string", "\"hybrid-edge\"",
           "preset or YAML file of the chip">,
    Option<"precision", "precision", "std::string", "\"auto\"",
           "auto|exact|fp32|bf16|int8|analog">,
    Option<"objective", "objective", "std::string", "\"energy\"",
           "latency|throughput|energy|edp">,
    Option<"faults", "faults", "std::string", "\"\"",
           "what is broken: a fault map, rates, none; the chip's own rates">,
    Option<"mapAround", "map-around-faults", "bool", "true",
           "count working arrays only">,
    ListOption<"place", "place", "std::string", "NODE=ENGINE">,
    ListOption<"format", "format", "std::string", "NODE=FORMAT">,
    Option<"remarks", "remarks", "bool", "false",
           "emit each group's reason as a remark">
  ];
  let statistics = [
    Statistic<"numAnalog", "groups-on-arrays", "contractions placed on arrays">
  ];
}

//===----------------------------------------------------------------------===//
// precision
//===----------------------------------------------------------------------===//

def Precision : HybPass<"hyb-precision"> {
  let summary = "converts each group to the format that partition chose";
  let description = [{
    `bf16`: the operands of the group's contractions are rounded to bf16, their
    results are f32. `i8`: weights become int8 constants with a scale for each
    output channel, the activation is quantised by its calibrated range
    (`hyb.ranges`: [minimum, maximum] of each input of the group), the i32 sums
    are scaled back to f32; docs/Int8.md says it to the bit. `analog`: the range
    becomes the full scale of the DAC, `hyb.input_range` (0: found for each
    vector). Other formats and integer contractions stay as they are.

    Conversions of activations are maps at the start of the group;
    hyb-sink-conversions moves them into the group that produces the value.

    ```mlir
    hyb.group "fc" (%x, %w) { matmul } {place = #hyb.place<"mac", "", "bf16">, …}
    // becomes
    hyb.group "fc" (%x, %w_bf16) { map(truncf), matmul : bf16 -> f32 } {…}
    ```
  }];
  let statistics = [
    Statistic<"numBf16", "contractions-bf16", "contractions converted to bf16">,
    Statistic<"numInt8", "contractions-int8", "contractions converted to int8">
  ];
}

def SinkConversions : HybPass<"hyb-sink-conversions"> {
  let summary = "moves conversions to where the value is produced";
  let description = [{
    When every user of a group's result starts by converting it in the same
    way, the group itself yields the converted value: less is written to and
    read from DRAM.

    ```mlir
    %1 = hyb.group "a" (…) { …, yield %y : f32 }
    %2 = hyb.group "b" (%1) { map(quantise), conv i8 … }
    // becomes
    %1 = hyb.group "a" (…) { …, map(quantise), yield : i8 }
    %2 = hyb.group "b" (%1) { conv i8 … }
    ```
  }];
  let statistics = [Statistic<"numSunk", "conversions-sunk", "conversions moved">];
}

//===----------------------------------------------------------------------===//
// layout
//===----------------------------------------------------------------------===//

def Layout : HybPass<"hyb-layout"> {
  let summary = "channel-blocked layouts for convolutions on mac";
  let description = [{
    Two-dimensional convolutions on `mac` (one group, or depthwise) read and
    write images whose channels are innermost in blocks, `[N, C/b, H, W, b]`;
    constant weights are packed to match, here and now. A convolution with fewer
    channels than a block reads them plain. Maps, pools, reductions over other
    axes and concatenations of whole blocks that read a blocked image follow.
    hyb.pack and hyb.unpack (groups on `dma`, or a reshape where H = W = 1)
    stand where a layout changes.

    Channels that do not fill the last block are padded with zeros in images
    and weights, so that a padded channel of a result never meets a weight that
    is not zero; a group is only padded when its arithmetic keeps these lanes
    finite.

    ```mlir
    hyb.group "c" (%x, %w) { conv } : (tensor<1x32x8x8xf32>, tensor<64x32x3x3xf32>) -> tensor<1x64x8x8xf32>
    // becomes
    %xp = hyb.group "c.pack" (%x) { pack }
    %y = hyb.group "c" (%xp, %wp) { conv {x_block = 16, y_block = 16} } : … -> tensor<1x4x8x8x16xf32>
    ```
  }];
  let options = [
    Option<"block", "block", "int64_t", "16", "channels of a block; 0: none">
  ];
  let statistics = [Statistic<"numBlocked", "groups-blocked", "groups in a blocked layout">];
}

def PlanHomes : HybPass<"hyb-plan-homes"> {
  let summary = "which results stay in the scratchpad";
  let description = [{
    Groups run one after the other; what a group makes can stay in the
    scratchpad until its last reader ran, which saves writing it to DRAM and
    reading it back. Which results stay is an integer program over each
    straight run of groups (`Planner/Homes.h`): most bytes of DRAM traffic
    saved, under the capacity, beside what the tiles of each group need. The plan
    is the attribute `hyb.homes` of a group, one home an output; a group that has
    it already keeps it (unless no addresses are found for all: `hyb-to-tile`
    then plans again with less, and says so). What branches, loops, the control core and the caller
    read lives in DRAM.

    Before: `%y = hyb.group "a" (%x) { … } {place = …} : …`
    After:  `%y = hyb.group "a" (%x) { … } {hyb.homes = ["sram"], place = …} : …`
  }];
  let options = [
    TargetOption,
    Option<"none", "none", "bool", "false", "everything lives in DRAM">,
    Option<"dump", "dump-problem", "std::string", "\"\"",
           "file for the problems and their answers, as JSON">
  ];
  let statistics = [Statistic<"numHomes", "homes", "results that stay in the scratchpad">];
}

//===----------------------------------------------------------------------===//
// Verifiers at the phases' boundaries
//===----------------------------------------------------------------------===//

class HybVerifier<string phase> : Pass<"hyb-verify-" # phase, "::mlir::ModuleOp"> {
  let dependentDialects = ["::hybridc::hyb::HybDialect"];
}

def VerifyImported : HybVerifier<"imported"> {
  let summary = "checks what import promises";
  let description = [{
    (I1) Only ops of hyb, func, scf, arith, tensor and the module. (I2) Every hyb
    op but constants is located at an ONNX node.
  }];
}

def VerifySimplified : HybVerifier<"simplified"> {
  let summary = "checks what simplify promises";
  let description = [{
    (S1) No map, view, pack or unpack of constants alone whose result is small
    (64 KiB, or twice its operands). (S2) No map input is unused, and no map
    yields an input as it is.
  }];
}

def VerifyFused : HybVerifier<"fused"> {
  let summary = "checks what fuse promises";
  let description = [{
    (F1) Every hyb op is in a group, is a constant, or is a view. (F2) No two
    groups have one name. (F3) A group computes something.
  }];
}

def VerifyPartitioned : HybVerifier<"partitioned"> {
  let summary = "checks what partition promises";
  let description = [{
    (P1) Every group has a place and a reason. (P2) The engine is one that runs
    the group's ops: contractions on arrays or `mac`, the rest on `vec`, `ctl`,
    `dma`. (P3) A contraction on arrays has constant weights.
  }];
}

def VerifyPrecise : HybVerifier<"precise"> {
  let summary = "checks what precision promises";
  let description = [{
    (Q1) The operands of a contraction on `mac` have the group's format. (Q2)
    Those on arrays are f32. (Q3) No calibrated range is left over.
  }];
}

def VerifyLaidOut : HybVerifier<"laid-out"> {
  let summary = "checks what layout promises";
  let description = [{
    (L1) Layouts change only in groups of their own. (L2) Blocked convolutions
    are on `mac`, with constant weights. (L3) No packed value is unpacked just to
    be packed the same way again.
  }];
}

#endif // HYBRIDC_DIALECT_HYB_TRANSFORMS_PASSES_TD
