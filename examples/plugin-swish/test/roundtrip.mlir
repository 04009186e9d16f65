// REQUIRES: plugin-swish
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-swish.so %s | gradmill-opt --plugin %plugins/gradmill-plugin-swish.so | FileCheck %s
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-swish.so -mlir-print-op-generic %s | gradmill-opt --plugin=%plugins/gradmill-plugin-swish.so | FileCheck %s

// CHECK-LABEL: func.func @swish
func.func @swish(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.swish %{{.*}} : tensor<?x16x26x26xf32>
  %a = nn.swish %x : tensor<?x16x26x26xf32>
  // CHECK: nn.swish %{{.*}} {beta = 1.500000e+00 : f64} : tensor<?x16x26x26xf32>
  %y = nn.swish %a {beta = 1.5} : tensor<?x16x26x26xf32>
  // CHECK: nn.swish_backward %{{.*}}, %{{.*}} {beta = 1.500000e+00 : f64} : tensor<?x16x26x26xf32>
  %dx = nn.swish_backward %x, %y {beta = 1.5} : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}
