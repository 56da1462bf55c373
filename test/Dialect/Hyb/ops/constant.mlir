// RUN: hybrid-opt %s | hybrid-opt | FileCheck %s
// RUN: hybrid-opt %s -mlir-print-op-generic | hybrid-opt | FileCheck %s

// CHECK-LABEL: func.func @constant
// CHECK: hyb.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK: hyb.constant dense<7> : tensor<3xui8>
// CHECK: hyb.constant dense_resource<w> : tensor<2xf32>
func.func @constant() -> (tensor<2xf32>, tensor<3xui8>, tensor<2xf32>) {
  %0 = hyb.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %1 = hyb.constant dense<7> : tensor<3xui8>
  %2 = hyb.constant dense_resource<w> : tensor<2xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<3xui8>, tensor<2xf32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x040000000000803F00000040"
    }
  }
#-}
