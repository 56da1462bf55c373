//===- Passes.td - Comparing expected values ------------------*- tablegen -*-===//
#ifndef HYBRIDC_DIALECT_CHECK_IR_PASSES_TD
#define HYBRIDC_DIALECT_CHECK_IR_PASSES_TD

include "mlir/Pass/PassBase.td"

def CheckExpectations : Pass<"check-expectations"> {
  let summary = "Compare values with what check ops expect";
  let description = [{
    Run after `hyb-fold-constants`: the value of every `check.close` must be a
    constant by then. Ops that hold are removed; the first that does not is an
    error which names the element.
  }];
}

#endif // HYBRIDC_DIALECT_CHECK_IR_PASSES_TD
