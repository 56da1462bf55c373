//===- HybOps.td - The ops of the tensor level ----------------*- tablegen -*-===//
#ifndef HYBRIDC_DIALECT_HYB_IR_HYBOPS_TD
#define HYBRIDC_DIALECT_HYB_IR_HYBOPS_TD

include "hybridc/Dialect/Hyb/IR/HybDialect.td"
include "hybridc/Dialect/Hyb/IR/HybInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

class HybOp<string mnemonic, list<Trait> traits = []>
    : Op<HybDialect, mnemonic, traits> {
  let hasVerifier = 1;
}
class HybPureOp<string mnemonic, list<Trait> traits = []>
    : HybOp<mnemonic, !listconcat(traits, [Pure])>;

// What ops say of themselves; implemented in the file of their verifier.
defvar Command = DeclareOpInterfaceMethods<CommandOpInterface>;
defvar Tileable = DeclareOpInterfaceMethods<TileableOpInterface>;
defvar Access = DeclareOpInterfaceMethods<AccessOpInterface>;
defvar Movement = DeclareOpInterfaceMethods<MovementOpInterface>;
defvar Contraction = DeclareOpInterfaceMethods<ContractionOpInterface>;

defvar HybTensor = AnyStaticShapeTensor;

def ConstantOp : HybPureOp<"constant", [ConstantLike,
    AllTypesMatch<["value", "result"]>]> {
  let summary = "a tensor known at compile time";
  let description = [{
    Weights are `dense_resource`, mapped from the model's file.

    ```mlir
    %w = hyb.constant dense<[1.0, 2.0]> : tensor<2xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs HybTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{
    build($_builder, $_state, value.getType(), value);
  }]>];
  let hasFolder = 1;
}

def MapOp : HybPureOp<"map", [SingleBlock, IsolatedFromAbove,
    DeclareOpInterfaceMethods<CommandOpInterface, ["buildProgram"]>,
    DeclareOpInterfaceMethods<TileableOpInterface, ["arrangeOperands", "leadsGroup"]>]> {
  let summary = "one scalar computation for every element";
  let description = [{
    Computes each element of the result from the matching elements of the
    inputs by the scalar ops of the region. `maps` has one affine map an input,
    from the result's indices to the input's: each result is a dimension or the
    constant 0 (broadcast). Fusing two maps is merging their regions.

    ```mlir
    %z = hyb.map (%x, %b) by [affine_map<(n,c) -> (n,c)>, affine_map<(n,c) -> (c)>] {
    ^bb0(%a: f32, %c: f32):
      %s = arith.addf %a, %c : f32
      hyb.yield %s : f32
    } : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins Variadic<HybTensor>:$inputs, AffineMapArrayAttr:$maps);
  let results = (outs HybTensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `(` $inputs `)` `by` $maps $body attr-dict `:`
    functional-type($inputs, $result)
  }];
  let extraClassDeclaration = [{
    /// Fills an empty body: `build` gets the block arguments and returns the
    /// value to yield.
    static MapOp create(::mlir::OpBuilder &builder, ::mlir::Location loc,
                        ::mlir::RankedTensorType type,
                        ::mlir::ValueRange inputs,
                        ::llvm::ArrayRef<::mlir::AffineMap> maps,
                        ::llvm::function_ref<::mlir::Value(
                            ::mlir::OpBuilder &, ::mlir::Location,
                            ::mlir::ValueRange)> body);
    /// As above, with NumPy broadcasting of the inputs onto `type`.
    static MapOp createBroadcast(
        ::mlir::OpBuilder &builder, ::mlir::Location loc,
        ::mlir::RankedTensorType type, ::mlir::ValueRange inputs,
        ::llvm::function_ref<::mlir::Value(::mlir::OpBuilder &,
                                           ::mlir::Location,
                                           ::mlir::ValueRange)> body);
    ::llvm::SmallVector<::mlir::AffineMap> getIndexingMaps();
    ::mlir::Value getYielded();
  }];
  let hasRegionVerifier = 1;
}

def IndexOp : HybOp<"index", [Pure, HasParent<"MapOp">]> {
  let summary = "the index of the current element along a dimension of the result";
  let arguments = (ins I64Attr:$dim);
  let results = (outs I64:$result);
  let assemblyFormat = "$dim attr-dict";
}

def YieldOp : HybOp<"yield", [Pure, Terminator, ReturnLike,
                              ParentOneOf<["MapOp", "GroupOp"]>]> {
  let summary = "ends a region";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let hasVerifier = 0;
  let builders = [OpBuilder<(ins), [{
    build($_builder, $_state, ::mlir::ValueRange());
  }]>];
}

def MatmulOp : HybPureOp<"matmul", [Command, Contraction,
    DeclareOpInterfaceMethods<TileableOpInterface, ["arrangeOperands"]>]> {
  let summary = "batched matrix product";
  let description = [{
    `a[B…,M,K] · b[B…,K,N]`, batch dimensions broadcast as in NumPy; both have
    rank ≥ 2. Integer operands give i32 and subtract `a_zero`, `b_zero`; bf16
    and f16 operands give the same type or f32.
  }];
  let arguments = (ins HybTensor:$a, HybTensor:$b,
                       DefaultValuedAttr<I64Attr, "0">:$a_zero,
                       DefaultValuedAttr<I64Attr, "0">:$b_zero);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $a `,` $b attr-dict `:` functional-type(operands, results)
  }];
}

def ConvOp : HybPureOp<"conv", [Command,
    DeclareOpInterfaceMethods<TileableOpInterface, ["narrowCommand"]>,
    DeclareOpInterfaceMethods<ContractionOpInterface, ["setArrayCommand"]>]> {
  let summary = "convolution over one, two or three spatial dimensions";
  let description = [{
    `x[N,C,s…] * w[M,C/groups,k…]`; `pads` holds the begins, then the ends.
    `x_block`, `y_block` are 0, or the channel block b of a packed operand:
    `x[N,C/b,s…,b]`, `y[N,M/b,o…,b]`, and then `w[M/b,C/b,k…,b,b]` (both),
    `w[M/b,k…,C,b]` (only y) or `w[C/b,k…,b]` (depthwise).
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins HybTensor:$x, HybTensor:$w,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                       DenseI64ArrayAttr:$dilations,
                       DefaultValuedAttr<I64Attr, "1">:$groups,
                       DefaultValuedAttr<I64Attr, "0">:$x_zero,
                       DefaultValuedAttr<I64Attr, "0">:$w_zero,
                       DefaultValuedAttr<I64Attr, "0">:$x_block,
                       DefaultValuedAttr<I64Attr, "0">:$y_block);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $x `,` $w attr-dict `:` functional-type(operands, results)
  }];
}

def ConvTransposeOp : HybPureOp<"conv_transpose", [Command, Contraction,
    DeclareOpInterfaceMethods<TileableOpInterface, ["narrowCommand"]>]> {
  let summary = "transposed convolution";
  let description = [{
    `x[N,C,s…]`, `w[C,M/groups,k…]`; extents of the result are those of its
    type (output padding is what they exceed the formula by).
  }];
  let arguments = (ins HybTensor:$x, HybTensor:$w,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                       DenseI64ArrayAttr:$dilations,
                       DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $x `,` $w attr-dict `:` functional-type(operands, results)
  }];
}

def ReduceOp : HybPureOp<"reduce", [Command, Tileable]> {
  let summary = "reduction over axes, which keep extent 1";
  let description = [{
    argmax and argmin give i64 and take the first (or with `select_last` the
    last) of equals.
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins ReduceKindAttr:$kind, HybTensor:$x,
                       DenseI64ArrayAttr:$axes, UnitAttr:$select_last);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $kind $x attr-dict `:` functional-type(operands, results)
  }];
}

def PoolOp : HybPureOp<"pool", [Command,
    DeclareOpInterfaceMethods<TileableOpInterface, ["narrowCommand", "joinsContraction"]>]> {
  let summary = "reduction over a sliding window of full rank";
  let description = [{
    `window`, `strides`, `dilations` have one entry a dimension of x, `pads`
    the begins, then the ends. Padding is left out of maxima and, unless
    `count_pad`, of means.

    ```mlir
    %y = hyb.pool max %x {window = array<i64: 1, 1, 2, 2>, strides = array<i64: 1, 1, 2, 2>,
           pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1, 1>}
         : (tensor<1x8x4x4xf32>) -> tensor<1x8x2x2xf32>
    ```
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins PoolKindAttr:$kind, HybTensor:$x,
                       DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       UnitAttr:$count_pad);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $kind $x attr-dict `:` functional-type(operands, results)
  }];
}

def NormalizeOp : HybPureOp<"normalize", [Command, Tileable]> {
  let summary = "softmax, log-softmax, or (x - mean) / sqrt(variance + epsilon)";
  let arguments = (ins NormalizeKindAttr:$kind, HybTensor:$x,
                       DenseI64ArrayAttr:$axes,
                       DefaultValuedAttr<F64Attr, "0.0">:$epsilon);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $kind $x attr-dict `:` functional-type(operands, results)
  }];
}

//===----------------------------------------------------------------------===//
// Data movement
//===----------------------------------------------------------------------===//

def ReshapeOp : HybPureOp<"reshape", [Access]> {
  let summary = "the same elements in row-major order, another shape";
  let arguments = (ins HybTensor:$x);
  let results = (outs HybTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def TransposeOp : HybPureOp<"transpose", [Access]> {
  let summary = "result dimension d is dimension perm[d] of x";
  let hasCanonicalizer = 1;
  let arguments = (ins HybTensor:$x, DenseI64ArrayAttr:$perm);
  let results = (outs HybTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def SliceOp : HybPureOp<"slice", [Access]> {
  let summary = "every steps[d]-th element from offsets[d]; steps may be negative";
  let hasCanonicalizer = 1;
  let arguments = (ins HybTensor:$x, DenseI64ArrayAttr:$offsets,
                       DenseI64ArrayAttr:$steps);
  let results = (outs HybTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def ConcatOp : HybPureOp<"concat", [Movement]> {
  let summary = "one after the other along an axis";
  let hasCanonicalizer = 1;
  let arguments = (ins Variadic<HybTensor>:$inputs, I64Attr:$axis);
  let results = (outs HybTensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def PadOp : HybPureOp<"pad", [Movement]> {
  let summary = "constant elements before and after; negative amounts crop";
  let hasCanonicalizer = 1;
  let arguments = (ins HybTensor:$x, DenseI64ArrayAttr:$low,
                       DenseI64ArrayAttr:$high, TypedAttrInterface:$value);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $x `value` $value attr-dict `:` functional-type(operands, results)
  }];
}

def PackOp : HybPureOp<"pack", [Movement]> {
  let summary = "cuts dimensions into blocks, which become the innermost dimensions";
  let description = [{
    As upstream `linalg.pack`: dimension `dims[i]` is cut into blocks of
    `blocks[i]`, padded with zeros; the blocks are appended in that order.

    ```mlir
    %p = hyb.pack %x {dims = array<i64: 1>, blocks = array<i64: 16>}
         : (tensor<1x64x8x8xf32>) -> tensor<1x4x8x8x16xf32>
    ```
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins HybTensor:$x, DenseI64ArrayAttr:$dims,
                       DenseI64ArrayAttr:$blocks);
  let results = (outs HybTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def UnpackOp : HybPureOp<"unpack", [Movement]> {
  let summary = "the inverse of hyb.pack; the result's extents drop the padding";
  let hasCanonicalizer = 1;
  let arguments = (ins HybTensor:$x, DenseI64ArrayAttr:$dims,
                       DenseI64ArrayAttr:$blocks);
  let results = (outs HybTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def GatherOp : HybPureOp<"gather", [Command]> {
  let summary = "data indexed along an axis by an index tensor";
  let description = [{
    The result's shape is `data[:axis] + indices + data[axis+1:]`; indices are
    i32 or i64, negative ones count from the end.
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins HybTensor:$data, HybTensor:$indices, I64Attr:$axis);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $data `,` $indices attr-dict `:` functional-type(operands, results)
  }];
}

def SliceAtOp : HybPureOp<"slice_at", [
    DeclareOpInterfaceMethods<AccessOpInterface, ["isFixed"]>]> {
  let summary = "one index of an axis, chosen by a loop counter; the axis keeps extent 1";
  let description = [{
    `reversed` counts from the end of the axis. Used by LSTM, GRU, Scan, Loop.
  }];
  let arguments = (ins HybTensor:$x, Index:$at, I64Attr:$axis,
                       UnitAttr:$reversed);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $x `at` $at attr-dict `:` functional-type($x, $result)
  }];
}

def InsertAtOp : HybPureOp<"insert_at", [Movement]> {
  let summary = "the tensor `into` with one index of an axis replaced";
  let arguments = (ins HybTensor:$value, HybTensor:$into, Index:$at,
                       I64Attr:$axis, UnitAttr:$reversed);
  let results = (outs HybTensor:$result);
  let assemblyFormat = [{
    $value `into` $into `at` $at attr-dict `:`
    `(` type($value) `,` type($into) `)` `->` type($result)
  }];
}

def HostOp : HybPureOp<"host", [Command]> {
  let summary = "a named kernel of the control core";
  let description = [{
    What no other engine computes. Kernels, their operands and attributes are
    those of the executor's kernel table (docs/CommandStream.md); attributes are
    integers, floats, arrays of them, or strings.

    ```mlir
    %v, %i = hyb.host "topk"(%x) {axis = 1 : i64, k = 3 : i64} : (tensor<2x8xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
    ```
  }];
  let arguments = (ins StrAttr:$kernel, Variadic<HybTensor>:$inputs);
  let results = (outs Variadic<HybTensor>:$outputs);
  let assemblyFormat = [{
    $kernel `(` $inputs `)` attr-dict `:` functional-type(operands, results)
  }];
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

def GroupOp : HybOp<"group", [IsolatedFromAbove, SingleBlock,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>,
    RecursiveMemoryEffects]> {
  let summary = "what runs as one thing: its inside never touches DRAM";
  let description = [{
    `place` says where the group's contraction (or, without one, all of it)
    runs and in which format, `reason` why; `cost` is what the partitioner
    expects. The element-wise rest of a group with a contraction is its
    epilogue on `vec`. An input is a tensor, or the counter of a loop for
    slice_at and insert_at.

    ```mlir
    %y = hyb.group "/conv1" (%x, %w) {
    ^bb0(%a: tensor<1x3x8x8xf32>, %b: tensor<4x3x1x1xf32>):
      %c = hyb.conv %a, %b …
      hyb.yield %c : tensor<1x4x8x8xf32>
    } {place = #hyb.place<"mac", "", "f32">, reason = "…"} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name,
                       Variadic<AnyTypeOf<[HybTensor, Index]>>:$inputs,
                       OptionalAttr<PlaceAttr>:$place,
                       OptionalAttr<StrAttr>:$reason,
                       OptionalAttr<CostAttr>:$cost);
  let results = (outs Variadic<HybTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name `(` $inputs `)` $body attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    ::mlir::Block &getBlock() { return getBody().front(); }
    YieldOp getYield();
    /// The group's contraction (matmul, conv, conv_transpose), if it has one.
    ::mlir::Operation *getContraction();
  }];
  let hasRegionVerifier = 1;
}

#endif // HYBRIDC_DIALECT_HYB_IR_HYBOPS_TD
