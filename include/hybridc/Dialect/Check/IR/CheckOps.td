//===- CheckOps.td - Expected values inside the IR ------------*- tablegen -*-===//
#ifndef HYBRIDC_DIALECT_CHECK_IR_CHECKOPS_TD
#define HYBRIDC_DIALECT_CHECK_IR_CHECKOPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def CheckDialect : Dialect {
  let name = "check";
  let cppNamespace = "::hybridc::check";
  let summary = "Tests that carry their own answers";
  let description = [{
    For tests only: an op that states what a tensor must be. The pass
    `check-expectations` compares where the value is a constant by then, and
    fails where it is not or differs.
  }];
}

def CloseOp : Op<CheckDialect, "close", [MemoryEffects<[MemWrite]>,
    AllTypesMatch<["expected", "value"]>]> {
  let summary = "the value is |expected| within atol + rtol * |expected|";
  let description = [{
    Without tolerances: equal bit for bit (and NaN where NaN is expected).

    ```mlir
    check.close %y, dense<[2.0, 4.0]> : tensor<2xf32> {rtol = 1.0e-5}
    ```
  }];
  let arguments = (ins AnyStaticShapeTensor:$value, ElementsAttr:$expected,
                       DefaultValuedAttr<F64Attr, "0.0">:$rtol,
                       DefaultValuedAttr<F64Attr, "0.0">:$atol);
  let assemblyFormat = "$value `,` $expected attr-dict";
  let hasVerifier = 1;
}

#endif // HYBRIDC_DIALECT_CHECK_IR_CHECKOPS_TD
