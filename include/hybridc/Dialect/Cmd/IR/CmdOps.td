//===- CmdOps.td - The command level --------------------------*- tablegen -*-===//
#ifndef HYBRIDC_DIALECT_CMD_IR_CMDOPS_TD
#define HYBRIDC_DIALECT_CMD_IR_CMDOPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

def CmdDialect : Dialect {
  let name = "cmd";
  let cppNamespace = "::hybridc::cmd";
  let summary = "The command stream as text, one op a record";
  let description = [{
    The third level: addresses, strides, semaphores, queues. 1:1 with the
    binary (docs/CommandStream.md): `emit` writes a module of this dialect as
    a stream, `hybridc inspect --disassemble` prints a stream as such a module.
    There are no SSA values; anything that needs inference was decided above.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class CmdAttr<string name, string attrMnemonic>
    : AttrDef<CmdDialect, name> {
  let mnemonic = attrMnemonic;
}

def ViewAttr : CmdAttr<"View", "view"> {
  let summary = "bytes of a memory, as a strided box";
  let description = [{
    `#cmd.view<sram f32 at 4096 [4, 6] strides [6, 1] steps []>`: address in
    bytes, strides in elements, steps in bytes a loop counter.
  }];
  let parameters = (ins StringRefParameter<"memory space">:$space,
                        StringRefParameter<"element type">:$type,
                        "uint64_t":$address,
                        ArrayRefParameter<"int64_t">:$shape,
                        ArrayRefParameter<"int64_t">:$strides,
                        ArrayRefParameter<"int64_t">:$steps);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def WaitAttr : CmdAttr<"Wait", "wait"> {
  let summary = "start when semaphore `id` has counted to `value`";
  let parameters = (ins "uint32_t":$id, "uint64_t":$value,
                        OptionalArrayRefParameter<"int64_t">:$steps);
  let assemblyFormat = "`<` $id `,` $value (`,` `steps` `=` `[` $steps^ `]`)? `>`";
}

class CmdOp<string mnemonic, list<Trait> traits = []>
    : Op<CmdDialect, mnemonic, traits>;

def ProgramOp : CmdOp<"program", [SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "a stream: its header, memories, tables and entries";
  let arguments = (ins StrAttr:$model, StrAttr:$target, StrAttr:$precision,
                       I64Attr:$dram_bytes, I64Attr:$sram_bytes,
                       I64Attr:$sram_lower_bound_bytes, StrAttr:$chip,
                       OptionalAttr<StrAttr>:$faults,
                       OptionalAttr<F64Attr>:$horizon_s,
                       OptionalAttr<DictionaryAttr>:$recalibrate_s);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `model` $model `target` $target `precision` $precision `dram` $dram_bytes
    `sram` $sram_bytes `lower_bound` $sram_lower_bound_bytes $body
    `chip` $chip attr-dict
  }];
}

def SegmentDataOp : CmdOp<"dram"> {
  let summary = "a range of DRAM; `blob` holds its initial bytes";
  let arguments = (ins StrAttr:$name, StrAttr:$kind, I64Attr:$address,
                       I64Attr:$bytes, OptionalAttr<ElementsAttr>:$blob);
  let assemblyFormat = [{
    $name $kind `at` $address `bytes` $bytes (`blob` $blob^)? attr-dict
  }];
  let hasVerifier = 1;
}

def VecProgramOp : CmdOp<"vec_program"> {
  let summary = "a vector program, numbered by its place";
  let arguments = (ins StrAttr:$name, I64Attr:$num_ins, I64Attr:$num_outs,
                       StrArrayAttr:$registers, StrArrayAttr:$code);
  let assemblyFormat = [{
    $name `ins` $num_ins `outs` $num_outs `registers` $registers $code attr-dict
  }];
}

def ArrayOp : CmdOp<"array"> {
  let summary = "an array, numbered by its place";
  let arguments = (ins StrAttr:$name, StrAttr:$kind, I64Attr:$rows,
                       I64Attr:$cols, I64Attr:$slices, I64Attr:$cell_bits,
                       StrAttr:$mapping, I64Attr:$physical, I64Attr:$origin,
                       OptionalAttr<DenseI32ArrayAttr>:$row_map,
                       OptionalAttr<DenseI32ArrayAttr>:$col_map,
                       OptionalAttr<DenseI32ArrayAttr>:$flipped);
  let assemblyFormat = [{
    $name $kind `rows` $rows `cols` $cols `slices` $slices
    `cell_bits` $cell_bits $mapping `at` $physical `from` $origin attr-dict
  }];
}

def OriginOp : CmdOp<"origin"> {
  let summary = "where commands come from, numbered by its place";
  let arguments = (ins StrAttr:$node, StrAttr:$op_type, StrAttr:$group,
                       StrAttr:$engine, StrAttr:$precision, StrAttr:$reason,
                       F64Attr:$latency_ns, F64Attr:$energy_pj);
  let assemblyFormat = [{
    $node $op_type `group` $group `on` $engine `in` $precision
    `because` $reason `latency_ns` $latency_ns `energy_pj` $energy_pj attr-dict
  }];
}

def BindingOp : CmdOp<"bind"> {
  let summary = "a named tensor at an entry's edge";
  let arguments = (ins StrAttr:$direction, StrAttr:$name, ViewAttr:$view);
  let assemblyFormat = "$direction $name $view attr-dict";
  let hasVerifier = 1;
}

def EntryOp : CmdOp<"entry", [SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "what can be run";
  let arguments = (ins StrAttr:$name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$name $body attr-dict";
}

def SegmentOp : CmdOp<"segment", [SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "queues that run at once; a barrier stands before and after";
  let arguments = (ins I64Attr:$semaphores);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`semaphores` $semaphores $body attr-dict";
}

def QueueOp : CmdOp<"queue", [SingleBlock, NoTerminator, NoRegionArguments,
                              HasParent<"SegmentOp">]> {
  let summary = "the in-order queue of an engine";
  let arguments = (ins StrAttr:$engine);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$engine $body attr-dict";
}

def RepeatOp : CmdOp<"repeat", [SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "a hardware loop of a queue";
  let arguments = (ins I64Attr:$count);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$count $body attr-dict";
}

def DoOp : CmdOp<"do"> {
  let summary = "one command record";
  let description = [{
    ```mlir
    cmd.do "copy" [#cmd.view<dram f32 at 0 [4] strides [1] steps []>] ->
                  [#cmd.view<sram f32 at 64 [4] strides [1] steps []>] {}
                  waits [#cmd.wait<0, 1>] signals [2] from 7
    ```
  }];
  let arguments = (ins StrAttr:$command, ArrayAttr:$ins, ArrayAttr:$outs,
                       DictionaryAttr:$attrs, ArrayAttr:$waits,
                       DenseI32ArrayAttr:$signals, I64Attr:$origin);
  let assemblyFormat = [{
    $command $ins `->` $outs $attrs `waits` $waits `signals` $signals
    `from` $origin attr-dict
  }];
  let hasVerifier = 1;
}

def IfOp : CmdOp<"if", [NoTerminator, NoRegionArguments]> {
  let summary = "runs one of two blocks, by a bool in memory";
  let arguments = (ins ViewAttr:$condition, I64Attr:$origin);
  let regions = (region AnyRegion:$then_body, AnyRegion:$else_body);
  let assemblyFormat = [{
    $condition `from` $origin $then_body `else` $else_body attr-dict
  }];
}

def LoopOp : CmdOp<"loop", [SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "a loop of blocks that values in memory may end";
  let arguments = (ins I64Attr:$max, ArrayAttr:$trip, ArrayAttr:$condition,
                       I64Attr:$origin);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $max `trip` $trip `while` $condition `from` $origin $body attr-dict
  }];
  let hasVerifier = 1;
}

#endif // HYBRIDC_DIALECT_CMD_IR_CMDOPS_TD
