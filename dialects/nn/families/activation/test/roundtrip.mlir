// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @relu
func.func @relu(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.relu %{{.*}} : tensor<?x16x26x26xf32>
  %y = nn.relu %x : tensor<?x16x26x26xf32>
  // CHECK: nn.relu_backward %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %dx = nn.relu_backward %x, %y : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}
