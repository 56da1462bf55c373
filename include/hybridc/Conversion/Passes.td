//===- Passes.td - From tensors to commands -------------------*- tablegen -*-===//
#ifndef HYBRIDC_CONVERSION_PASSES_TD
#define HYBRIDC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def TargetOption : Option<"target", "target", "std::string",
                            /*default=*/"\"hybrid-edge\"",
                            "chip: a preset's name or a YAML file">;

def HybToTile : Pass<"hyb-to-tile", "::mlir::ModuleOp"> {
  let summary = "Lower tensors to buffers and groups to tiles that fit";
  let description = [{
    Every function becomes a `tile.entry`. A group is cut into tiles whose
    values fit into half of the scratchpad, with the halo that its windows
    need; each tile loads what it needs, runs one command an op and stores its
    result. Reshapes, transposes and slices become access patterns of the
    transfers. Weights of groups placed on arrays are cut into arrays, which
    the entry `program` writes. With `faults`, tiles keep clear of lines and
    arrays that do not work and their rows and columns are permuted so that
    stuck cells hurt least (docs/Faults.md). With `gain-at`, an entry
    `recalibrate` reads the arrays out and sets their gains.

    Before:
    ```mlir
    func.func @infer(%x: tensor<4xf32> {hyb.name = "x"}) -> (tensor<4xf32> {hyb.name = "y"}) {
      %y = hyb.map (%x) by [affine_map<(d0) -> (d0)>] { … } : …
    ```
    After:
    ```mlir
    %x = tile.buffer "input" "x" : …
    tile.entry @infer {
      tile.group "relu" on "vec" … {
        %a = tile.buffer "scratch" "in0" : !tile.view<sram …>
        tile.do "copy" ins(%x) outs(%a) …
        tile.do "vec" ins(%a) outs(%b) {program = @v0}
        tile.do "copy" ins(%b) outs(%y) …
    ```
  }];
  let options = [
    TargetOption,
    Option<"faults", "faults", "std::string", "\"\"",
           "what is broken: a fault map, rates, none; the chip's own rates">,
    Option<"mapAround", "map-around-faults", "bool", "true",
           "place weights where faults hurt least">,
    ListOption<"gainAt", "gain-at", "double",
               "when the arrays' gains are set, seconds after programming">,
    ListOption<"programAt", "program-at", "double",
               "when the arrays are written anew, seconds after programming">,
    Option<"horizon", "horizon", "double", "0",
           "seconds for which the program is to be used">
  ];
  let dependentDialects = ["::hybridc::tile::TileDialect"];
}

def Schedule : Pass<"tile-schedule", "::mlir::ModuleOp"> {
  let summary = "Deal commands out to engine queues";
  let description = [{
    Gives every command the queue it runs in. Loads and stores go to different
    DMA channels, so that the store of a tile does not hold up the load of the
    next one; the other engines have one queue each. The order within a queue
    is the textual order.

    Before: `tile.do "copy" ins(%x) outs(%a) {}`
    After:  `tile.do "copy" ins(%x) outs(%a) {} {queue = "dma0"}`
  }];
  let options = [TargetOption];
  let dependentDialects = ["::hybridc::tile::TileDialect"];
}

def Allocate : Pass<"tile-allocate", "::mlir::ModuleOp"> {
  let summary = "Give buffers addresses in the scratchpad and in DRAM";
  let description = [{
    A buffer's bytes may be used again once its last command has run. To let
    tiles overlap, bytes are given again as late as the scratchpad allows:
    first among those free for longest. DRAM scratch is planned by best fit,
    largest first, over whole groups. `no-reuse` gives each buffer bytes of its
    own, to compare results with.

    Before: `%a = tile.buffer "scratch" "in0" : …`
    After:  `%a = tile.buffer "scratch" "in0" {address = 4096 : i64} : …`
  }];
  let options = [
    TargetOption,
    Option<"noReuse", "no-reuse", "bool", "false",
           "give each buffer bytes of its own">
  ];
  let dependentDialects = ["::hybridc::tile::TileDialect"];
}

def VerifyGroups : Pass<"tile-verify-groups", "::mlir::ModuleOp"> {
  let summary = "Check that groups tell of their commands what is so";
  let description = [{
    The engine of a `tile.group` is one that runs a command in it, and its
    precision is a format: reports show both.
  }];
  let dependentDialects = ["::hybridc::tile::TileDialect"];
}

def VerifyAllocated : Pass<"tile-verify-allocated", "::mlir::ModuleOp"> {
  let summary = "Check that no two live buffers share bytes";
  let description = [{
    Every buffer has an address, and no two that are live at the same time
    overlap. It does not know how `tile-allocate` chooses: a buffer is live
    from the first command that touches it to the last one in textual order,
    throughout a loop whose iterations it connects, and always when it is an
    input, output, constant or state.
  }];
  let dependentDialects = ["::hybridc::tile::TileDialect"];
}

def TileToCmd : Pass<"tile-to-cmd", "::mlir::ModuleOp"> {
  let summary = "Lower to command records: addresses, semaphores, queues";
  let description = [{
    Everything is a number from here on. For every pair of commands in
    different queues that touch the same bytes, one of them writing, a
    semaphore keeps the textual order; waits that follow from others are left
    out.

    Before: `tile.do "copy" ins(%x) outs(%a) {} {queue = "dma0"}`
    After:  `cmd.do "copy" [#cmd.view<…>] -> [#cmd.view<…>] {} waits [] signals [0] from 3`
  }];
  let options = [
    TargetOption,
    Option<"precision", "precision", "std::string", "\"auto\"",
           "recorded in the stream's header">
  ];
  let dependentDialects = ["::hybridc::cmd::CmdDialect"];
}

#endif // HYBRIDC_CONVERSION_PASSES_TD
