//===- Passes.td - The passes of the buffer level -------------*- tablegen -*-===//
#ifndef HYBRIDC_DIALECT_TILE_TRANSFORMS_PASSES_TD
#define HYBRIDC_DIALECT_TILE_TRANSFORMS_PASSES_TD

include "hybridc/Chip/PassOptions.td"

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

#endif // HYBRIDC_DIALECT_TILE_TRANSFORMS_PASSES_TD
