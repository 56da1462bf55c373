//===- Passes.td - From tensors to commands -------------------*- tablegen -*-===//
#ifndef HYBRIDC_CONVERSION_PASSES_TD
#define HYBRIDC_CONVERSION_PASSES_TD

include "hybridc/Chip/PassOptions.td"

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
