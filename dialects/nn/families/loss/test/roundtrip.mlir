// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @softmax
func.func @softmax(%x: tensor<32x10xf32>) -> tensor<32x10xf32> {
  // CHECK: nn.softmax %{{.*}} : tensor<32x10xf32>
  %y = nn.softmax %x : tensor<32x10xf32>
  // CHECK: nn.softmax_backward %{{.*}}, %{{.*}} : tensor<32x10xf32>
  %dx = nn.softmax_backward %x, %y : tensor<32x10xf32>
  return %dx : tensor<32x10xf32>
}

// CHECK-LABEL: func.func @log_softmax
func.func @log_softmax(%x: tensor<?x10x4x4xf64>) -> tensor<?x10x4x4xf64> {
  // CHECK: nn.log_softmax %{{.*}} : tensor<?x10x4x4xf64>
  %y = nn.log_softmax %x : tensor<?x10x4x4xf64>
  // CHECK: nn.log_softmax_backward %{{.*}}, %{{.*}} : tensor<?x10x4x4xf64>
  %dx = nn.log_softmax_backward %x, %y : tensor<?x10x4x4xf64>
  return %dx : tensor<?x10x4x4xf64>
}

// CHECK-LABEL: func.func @nll_loss
func.func @nll_loss(%x: tensor<?x10xf32>, %labels: tensor<?xi32>) -> tensor<?x10xf32> {
  // CHECK: nn.nll_loss %{{.*}}, %{{.*}} : tensor<?x10xf32>, tensor<?xi32>
  %loss = nn.nll_loss %x, %labels : tensor<?x10xf32>, tensor<?xi32>
  // CHECK: nn.nll_loss_backward %{{.*}}, %{{.*}}, %{{.*}} : tensor<f32>, tensor<?xi32>, tensor<?x10xf32>
  %dx = nn.nll_loss_backward %loss, %labels, %x : tensor<f32>, tensor<?xi32>, tensor<?x10xf32>
  return %dx : tensor<?x10xf32>
}
