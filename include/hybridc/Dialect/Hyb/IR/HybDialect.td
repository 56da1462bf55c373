//===- HybDialect.td - The tensor level -----------------------*- tablegen -*-===//
#ifndef HYBRIDC_DIALECT_HYB_IR_HYBDIALECT_TD
#define HYBRIDC_DIALECT_HYB_IR_HYBDIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def HybDialect : Dialect {
  let name = "hyb";
  let cppNamespace = "::hybridc::hyb";
  let summary = "What is computed, on tensors with value semantics";
  let description = [{
    The first level of hybridc: ONNX models are imported into it, and fusion,
    partition, precision and layout are decided on it. An op exists only if
    some pass treats it specially: element-wise ONNX ops are one `hyb.map`
    whose region holds `arith` and `math` scalars, contractions have ops of
    their own, and what no engine computes is a `hyb.host` call to a kernel of
    the control core.

    Every tensor has a static shape. Element types are f16, bf16, f32, f64,
    i1 (bool), i8 … i64 (signed) and ui8 … ui64; inside a `hyb.map` region the
    scalars are signless and the ops say the signedness.

    The location of an op is its ONNX node: `loc("node name"("ONNX op"))`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"
  ];
}

class HybI32Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::hybridc::hyb";
  let genSpecializedAttr = 0;
}
class HybEnum<EnumAttrInfo info, string mnemonic>
    : EnumAttr<HybDialect, info, mnemonic>;

def ReduceKind : HybI32Enum<"ReduceKind", "what a reduction computes", [
  I32EnumAttrCase<"Sum", 0, "sum">, I32EnumAttrCase<"Mean", 1, "mean">,
  I32EnumAttrCase<"Max", 2, "max">, I32EnumAttrCase<"Min", 3, "min">,
  I32EnumAttrCase<"Prod", 4, "prod">, I32EnumAttrCase<"ArgMax", 5, "argmax">,
  I32EnumAttrCase<"ArgMin", 6, "argmin">]>;
def ReduceKindAttr : HybEnum<ReduceKind, "reduce_kind">;

def PoolKind : HybI32Enum<"PoolKind", "what a pool computes", [
  I32EnumAttrCase<"Max", 0, "max">, I32EnumAttrCase<"Sum", 1, "sum">,
  I32EnumAttrCase<"Mean", 2, "mean">]>;
def PoolKindAttr : HybEnum<PoolKind, "pool_kind">;

def NormalizeKind : HybI32Enum<"NormalizeKind", "what a normalisation computes", [
  I32EnumAttrCase<"Softmax", 0, "softmax">,
  I32EnumAttrCase<"LogSoftmax", 1, "log_softmax">,
  I32EnumAttrCase<"MeanVariance", 2, "mean_variance">]>;
def NormalizeKindAttr : HybEnum<NormalizeKind, "normalize_kind">;

class HybAttr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<HybDialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def PlaceAttr : HybAttr<"Place", "place"> {
  let summary = "the engine kind of a group, and its format there";
  let description = [{
    `engine` is `array`, `mac`, `vec`, `ctl`, or `dma` for plain movement. `kind` names the array kind of
    the chip description ("pcm") and is empty for digital engines. `format` is
    the precision of the contraction: "f32", "bf16", "i8", "analog", "ideal".

    Example: `#hyb.place<"array", "pcm", "analog">`, `#hyb.place<"mac", "", "i8">`
  }];
  let parameters = (ins StringRefParameter<"engine kind">:$engine,
                        StringRefParameter<"array kind">:$kind,
                        StringRefParameter<"format">:$format);
  let assemblyFormat = "`<` $engine `,` $kind `,` $format `>`";
}

def CostAttr : HybAttr<"Cost", "cost"> {
  let summary = "what partition expects a group to cost";
  let parameters = (ins "::mlir::FloatAttr":$latency_ns,
                        "::mlir::FloatAttr":$energy_pj,
                        "::mlir::FloatAttr":$sqnr_db);
  let builders = [AttrBuilder<(ins "double":$latency, "double":$energy,
                                   "double":$sqnr), [{
    auto f64 = ::mlir::Float64Type::get($_ctxt);
    return $_get($_ctxt, ::mlir::FloatAttr::get(f64, latency),
                 ::mlir::FloatAttr::get(f64, energy),
                 ::mlir::FloatAttr::get(f64, sqnr));
  }]>];
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // HYBRIDC_DIALECT_HYB_IR_HYBDIALECT_TD
