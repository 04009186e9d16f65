// REQUIRES: plugin-swish
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-swish.so --differentiate %s | FileCheck %s

// CHECK-LABEL: func.func @swish_vjp(
// CHECK-SAME:    %[[X:.*]]: tensor<?x10xf32>, %[[DY:.*]]: tensor<?x10xf32>)
func.func @swish(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK: %[[DX:.*]] = nn.swish_backward %[[DY]], %[[X]] {beta = 1.500000e+00 : f64}
  // CHECK: return %[[DX]]
  %y = nn.swish %x {beta = 1.5} : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}
