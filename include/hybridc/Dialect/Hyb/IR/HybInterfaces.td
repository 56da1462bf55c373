//===- HybInterfaces.td - What passes ask an op ---------------*- tablegen -*-===//
//
// An op says here what folding, fusion, tiling, cost and lowering need to know
// of it; passes ask the interface and do not list ops. Ops of other dialects
// may implement them too (examples/plugin). Structs: Codegen.h.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_DIALECT_HYB_IR_HYBINTERFACES_TD
#define HYBRIDC_DIALECT_HYB_IR_HYBINTERFACES_TD

include "mlir/IR/OpBase.td"

class HybInterface<string name> : OpInterface<name> {
  let cppNamespace = "::hybridc::hyb";
}

def CommandOpInterface : HybInterface<"CommandOpInterface"> {
  let description = [{
    An op that is one command of the stream (docs/CommandStream.md), except for
    its operands' views. Constant folding runs the command on host buffers, the
    cost model prices its work, the lowering writes it.
  }];
  let methods = [
    InterfaceMethod<[{
      Sets the number and the attributes of the command of the whole op, by
      Stream/CommandSpec.h. What no command can carry is an error at the op.
    }], "::llvm::LogicalResult", "setCommand",
        (ins "::hybridc::stream::Command &":$command)>,
    InterfaceMethod<"The engine that runs the command: mac, vec or ctl.",
        "::llvm::StringRef", "getEngine", (ins)>,
    InterfaceMethod<[{
      Elements visited and instructions for each (vec), or the extents of the
      product (mac), of the whole op. Bytes and formats are the caller's.
    }], "void", "describeWork", (ins "::hybridc::chip::Work &":$work)>,
    InterfaceMethod<[{
      The vector program of a `vec` command: input i is Load i, the result is
      Store 0. Fails with an error at the op, which names the node and the
      scalar op that no instruction computes; none for other commands.
    }], "::mlir::FailureOr<std::optional<::hybridc::stream::VecProgram>>",
        "buildProgram", (ins), "",
        "return std::optional<::hybridc::stream::VecProgram>();">
  ];
}

def TileableOpInterface : HybInterface<"TileableOpInterface"> {
  let description = [{
    A command with one result that can be computed box by box in the scratchpad.
    Upstream's TilingInterface makes ops of tiles; here a tile is a box with the
    padding that its window meets, so that the planner can rate thousands of
    tilings without making any op.
  }];
  let methods = [
    InterfaceMethod<[{
      What is read for a box of the result, and the box that is then computed
      (it contains the request). Fails when the box cannot be computed alone (a
      window that lies wholly in the padding); the whole result always can.
    }], "::mlir::FailureOr<::hybridc::hyb::OpRegions>", "getRegions",
        (ins "const ::hybridc::hyb::Box &":$request)>,
    InterfaceMethod<[{
      Turns the command of the whole op into that of a box: what depends on the
      box, as a window's padding.
    }], "void", "narrowCommand",
        (ins "const ::hybridc::hyb::OpRegions &":$regions,
             "::hybridc::stream::Command &":$command), "", "return;">,
    InterfaceMethod<[{
      Turns the operands, as they lie, into the views that the command takes
      (broadcast dimensions get stride 0).
    }], "void", "arrangeOperands",
        (ins "::llvm::MutableArrayRef<::hybridc::hyb::Strided>":$operands,
             "const ::hybridc::hyb::Strided &":$result), "", "return;">,
    InterfaceMethod<"Takes the maps around it into its group.",
        "bool", "leadsGroup", (ins), "", "return true;">,
    InterfaceMethod<[{
      May end the group of a contraction: no element that it reads is read
      twice.
    }], "bool", "joinsContraction", (ins), "", "return false;">
  ];
}

def ContractionOpInterface : HybInterface<"ContractionOpInterface"> {
  let description = [{
    Operand 0 times weights, operand 1, on `mac` or, as the weights stand still,
    on arrays.
  }];
  let methods = [
    InterfaceMethod<"As matrix products.", "::hybridc::hyb::Gemm", "getGemm",
        (ins)>,
    InterfaceMethod<"Its output channels.", "::hybridc::hyb::ChannelDims",
        "getChannelDims", (ins)>,
    InterfaceMethod<[{
      The dimension of an operand (0 or 1) that is summed over, where the sum
      may be taken in parts along it.
    }], "std::optional<int64_t>", "getSumDim", (ins "unsigned":$operand)>,
    InterfaceMethod<[{
      The attributes of `mvm` (docs/CommandStream.md) that say how vectors are
      taken from operand 0 for a box; none where each row of it is one.
    }], "void", "setArrayCommand",
        (ins "const ::hybridc::hyb::OpRegions &":$regions,
             "::hybridc::stream::Command &":$command), "", "return;">
  ];
}

def AccessOpInterface : HybInterface<"AccessOpInterface"> {
  let description = [{
    The elements of operand 0 at other indices: no work, other addresses.
  }];
  let methods = [
    InterfaceMethod<"Where the result lies; none where the strides forbid it.",
        "std::optional<::hybridc::hyb::Strided>", "getView",
        (ins "const ::hybridc::hyb::Strided &":$source)>,
    InterfaceMethod<"False where loop counters move it.", "bool", "isFixed",
        (ins), "", "return true;">
  ];
}

def MovementOpInterface : HybInterface<"MovementOpInterface"> {
  let description = [{
    Copies of strided boxes: constant folding runs them on host buffers, the
    lowering makes transfers of them.
  }];
  let methods = [
    InterfaceMethod<[{
      The moves from operands that lie like `from` (tensor operands only, in
      order) into a result that lies like `to`.
    }], "::hybridc::hyb::Movement", "getMovement",
        (ins "::llvm::ArrayRef<::hybridc::hyb::Strided>":$from,
             "const ::hybridc::hyb::Strided &":$to)>
  ];
}

#endif // HYBRIDC_DIALECT_HYB_IR_HYBINTERFACES_TD
