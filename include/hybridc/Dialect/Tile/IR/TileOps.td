//===- TileOps.td - The buffer level --------------------------*- tablegen -*-===//
#ifndef HYBRIDC_DIALECT_TILE_IR_TILEOPS_TD
#define HYBRIDC_DIALECT_TILE_IR_TILEOPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def TileDialect : Dialect {
  let name = "tile";
  let cppNamespace = "::hybridc::tile";
  let summary = "What each engine does, in tiles that fit";
  let description = [{
    The second level: buffers in a memory space instead of tensors, and the
    commands that engines run on them. A `tile` program means its commands in
    textual order, one after the other; schedule, allocate and everything
    below must preserve exactly that.

    A view is a strided box of a buffer: its type holds the space, the shape,
    the strides and the offset (in elements). Commands are `tile.do` with the
    name of a command of the stream's command table (docs/CommandStream.md):
    one table describes operands and attributes for this level, for `cmd`, and
    for the binary.
  }];
  let useDefaultTypePrinterParser = 1;
  let hasOperationAttrVerify = 1;
}

def ViewType : TypeDef<TileDialect, "View"> {
  let mnemonic = "view";
  let summary = "a strided box of elements in a memory space";
  let description = [{
    `!tile.view<sram f32 [4, 6] strides [6, 1] offset 0>`; space is `dram` or
    `sram`, strides and offset count elements from the start of the buffer.
  }];
  let parameters = (ins StringRefParameter<"memory space">:$space,
                        "::mlir::Type":$elementType,
                        ArrayRefParameter<"int64_t">:$shape,
                        ArrayRefParameter<"int64_t">:$strides,
                        "int64_t":$offset);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getNumElements() const;
    /// Bytes of the dense box of this shape.
    int64_t getDenseBytes() const;
    bool isDram() const { return getSpace() == "dram"; }
    /// Row-major, offset 0.
    static ViewType getDense(::llvm::StringRef space, ::mlir::Type elementType,
                             ::llvm::ArrayRef<int64_t> shape);
  }];
}

class TileOp<string mnemonic, list<Trait> traits = []>
    : Op<TileDialect, mnemonic, traits>;

def BufferOp : TileOp<"buffer", [MemoryEffects<[MemAlloc]>]> {
  let summary = "a buffer; its whole extent as a view";
  let description = [{
    `kind` is `input` or `output` (of an entry; `name` is the tensor's name),
    `scratch`, or `state` (survives from run to run). Scratchpad buffers are
    always scratch. `allocate` sets `address` (bytes) and keeps `bytes`.

    ```mlir
    %x = tile.buffer input "x" : !tile.view<dram f32 [1, 8] strides [8, 1] offset 0>
    ```
  }];
  let arguments = (ins StrAttr:$kind, StrAttr:$name,
                       OptionalAttr<I64Attr>:$address);
  let results = (outs ViewType:$view);
  let assemblyFormat = "$kind $name attr-dict `:` type($view)";
  let hasVerifier = 1;
}

def ConstantOp : TileOp<"constant", [Pure]> {
  let summary = "constant bytes in DRAM, from the stream's blobs";
  let arguments = (ins StrAttr:$name, ElementsAttr:$value,
                       OptionalAttr<I64Attr>:$address);
  let results = (outs ViewType:$view);
  let assemblyFormat = "$name $value attr-dict `:` type($view)";
  let hasVerifier = 1;
}

def SubviewOp : TileOp<"subview", [Pure]> {
  let summary = "another box of the same buffer";
  let description = [{
    The result's type says which; its offset counts from the start of the
    buffer, not of the source. `steps` are elements by which the offset grows
    with each loop counter.

    ```mlir
    %b = tile.subview %a [%i : 64] : !tile.view<…> to !tile.view<…>
    ```
  }];
  let arguments = (ins ViewType:$source, Variadic<Index>:$counters,
                       DenseI64ArrayAttr:$steps);
  let results = (outs ViewType:$view);
  let assemblyFormat = [{
    $source `[` $counters `:` $steps `]` attr-dict `:` type($source) `to` type($view)
  }];
  let hasVerifier = 1;
}

def DoOp : TileOp<"do", [AttrSizedOperandSegments]> {
  let summary = "one command";
  let description = [{
    `command` names a row of the command table; `queue` the engine instance
    once `schedule` has chosen it. Attributes are the command's own.

    ```mlir
    tile.do "conv" ins(%x, %w) outs(%y) {strides = array<i64: 1, 1>, …} : …
    tile.do "vec" ins(%a) outs(%b) {program = @relu} : …
    ```
  }];
  let arguments = (ins StrAttr:$command, Variadic<ViewType>:$ins,
                       Variadic<ViewType>:$outs, DictionaryAttr:$attrs,
                       OptionalAttr<StrAttr>:$queue);
  let assemblyFormat = [{
    $command `ins` `(` ($ins^ `:` type($ins))? `)`
    `outs` `(` ($outs^ `:` type($outs))? `)` $attrs attr-dict
  }];
  let hasVerifier = 1;
}

def VecProgramOp : TileOp<"program", [Symbol]> {
  let summary = "a vector program";
  let description = [{
    Registers by type, then instructions of the vector ISA
    (Stream/VecIsa.h), one string each.

    ```mlir
    tile.program @relu ins 1 outs 1 registers ["f32", "f32", "f32"]
      ["load.f32 r0, 0", "const.f32 r1, 0x0", "max.f32 r2, r0, r1", "store.f32 r2, 0"]
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$num_ins,
                       I64Attr:$num_outs, StrArrayAttr:$registers,
                       StrArrayAttr:$code);
  let assemblyFormat = [{
    $sym_name `ins` $num_ins `outs` $num_outs `registers` $registers $code attr-dict
  }];
  let hasVerifier = 1;
}

def ArrayOp : TileOp<"array", [Symbol]> {
  let summary = "weights held by one analog array";
  let description = [{
    One K-split × N-split of a weight matrix on an array of kind `kind`,
    `slices` cells a weight. `physical` numbers the chip's arrays of that kind.
    Mapped around faults, `row_map` and `col_map` say on which physical line
    each row and column lies, `flipped` which columns are stored negated.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$kind, I64Attr:$rows,
                       I64Attr:$cols, I64Attr:$slices, I64Attr:$cell_bits,
                       StrAttr:$mapping, I64Attr:$physical,
                       OptionalAttr<DenseI32ArrayAttr>:$row_map,
                       OptionalAttr<DenseI32ArrayAttr>:$col_map,
                       OptionalAttr<DenseI32ArrayAttr>:$flipped);
  let assemblyFormat = [{
    $sym_name $kind `rows` $rows `cols` $cols `slices` $slices
    `cell_bits` $cell_bits $mapping `at` $physical attr-dict
  }];
}

def EntryOp : TileOp<"entry", [Symbol, SingleBlock, NoTerminator,
                               NoRegionArguments]> {
  let summary = "what can be run: `program` fills the arrays, `infer` computes";
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name $body attr-dict";
}

def GroupOp : TileOp<"group", [SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "the commands of one group, for reports";
  let description = [{
    Carries what `partition` and `precision` decided; the location names the
    ONNX nodes. Has no meaning for what is computed.
  }];
  let arguments = (ins StrAttr:$name, StrAttr:$engine, StrAttr:$precision,
                       StrAttr:$reason,
                       DefaultValuedAttr<F64Attr, "0.0">:$latency_ns,
                       DefaultValuedAttr<F64Attr, "0.0">:$energy_pj);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name `on` $engine `in` $precision `because` $reason $body attr-dict
  }];
}

def IfOp : TileOp<"if", [NoTerminator, NoRegionArguments]> {
  let summary = "runs one of two blocks, by a bool in memory";
  let arguments = (ins ViewType:$condition);
  let regions = (region AnyRegion:$then_body, AnyRegion:$else_body);
  let assemblyFormat = [{
    $condition $then_body `else` $else_body attr-dict `:` type($condition)
  }];
}

def LoopOp : TileOp<"loop", [AttrSizedOperandSegments, SingleBlock,
                             NoTerminator]> {
  let summary = "a counted loop that values in memory may end";
  let description = [{
    Runs the body while the counter is below `max` and below the i64 at
    `trip`, and the bool at `condition`, read before each iteration, is true.
  }];
  let arguments = (ins I64Attr:$max, Variadic<ViewType>:$trip,
                       Variadic<ViewType>:$condition);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $max `trip` `(` ($trip^ `:` type($trip))? `)`
    `while` `(` ($condition^ `:` type($condition))? `)` $body attr-dict
  }];
  let hasVerifier = 1;
}

#endif // HYBRIDC_DIALECT_TILE_IR_TILEOPS_TD
