// An op of another dialect: it says what passes ask (HybInterfaces.td), and is folded, fused, tiled, priced and lowered
// like those of hyb.
#ifndef EXAMPLE_BLUR_TD
#define EXAMPLE_BLUR_TD

include "hybridc/Dialect/Hyb/IR/HybInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def ExampleDialect : Dialect {
  let name = "example";
  let cppNamespace = "::example";
}

def BlurOp : Op<ExampleDialect, "blur", [Pure,
    DeclareOpInterfaceMethods<CommandOpInterface>,
    DeclareOpInterfaceMethods<TileableOpInterface, ["narrowCommand"]>]> {
  let summary = "mean of the square around each pixel of x[N, C, H, W]; zeros outside";
  let arguments = (ins AnyStaticShapeTensor:$x, I64Attr:$radius);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "$x `radius` $radius attr-dict `:` type($x) `->` type($result)";
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$x, "int64_t":$radius), [{
    build($_builder, $_state, x.getType(), x, $_builder.getI64IntegerAttr(radius));
  }]>];
}

#endif
