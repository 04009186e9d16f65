// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s

// CHECK: "nn.softmax"{{.*}} -> tensor<?x10xf32>
func.func @softmax(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %y = nn.softmax %x : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}

// CHECK: "nn.log_softmax"{{.*}} -> tensor<32x10x4x5xf64>
func.func @log_softmax(%x: tensor<32x10x4x5xf64>) -> tensor<32x10x4x5xf64> {
  %y = nn.log_softmax %x : tensor<32x10x4x5xf64>
  return %y : tensor<32x10x4x5xf64>
}

// CHECK: "nn.nll_loss"{{.*}} -> tensor<f64>
func.func @nll_loss(%x: tensor<?x10xf64>, %labels: tensor<?xi32>) -> tensor<f64> {
  %loss = nn.nll_loss %x, %labels : tensor<?x10xf64>, tensor<?xi32>
  return %loss : tensor<f64>
}

// The loss is one number: it has no lanes.
// CHECK: "nn.nll_loss"{{.*}} -> tensor<f32>
func.func @lanes(%x: tensor<32x10xf32, #nn.lanes<16>>, %labels: tensor<32xi32, #nn.lanes<16>>) -> tensor<f32> {
  %loss = nn.nll_loss %x, %labels : tensor<32x10xf32, #nn.lanes<16>>, tensor<32xi32, #nn.lanes<16>>
  return %loss : tensor<f32>
}

// CHECK: "nn.nll_loss_backward"{{.*}} -> tensor<32x10xf32, #nn.lanes<16>>
func.func @backward_lanes(%dy: tensor<f32>, %labels: tensor<32xi32, #nn.lanes<16>>, %x: tensor<32x10xf32, #nn.lanes<16>>) -> tensor<32x10xf32, #nn.lanes<16>> {
  %dx = nn.nll_loss_backward %dy, %labels, %x : tensor<f32>, tensor<32xi32, #nn.lanes<16>>, tensor<32x10xf32, #nn.lanes<16>>
  return %dx : tensor<32x10xf32, #nn.lanes<16>>
}

// CHECK: "nn.mean"{{.*}} -> tensor<f64>
func.func @mean(%x: tensor<?x10x4xf64>) -> tensor<f64> {
  %m = nn.mean %x : tensor<?x10x4xf64>
  return %m : tensor<f64>
}

// CHECK: "nn.mean"{{.*}} -> tensor<f32>
func.func @mean_lanes(%x: tensor<32x10xf32, #nn.lanes<16>>) -> tensor<f32> {
  %m = nn.mean %x : tensor<32x10xf32, #nn.lanes<16>>
  return %m : tensor<f32>
}

// CHECK: "nn.huber"{{.*}} -> tensor<32x10xf32, #nn.lanes<16>>
func.func @huber_lanes(%x: tensor<32x10xf32, #nn.lanes<16>>, %t: tensor<32x10xf32, #nn.lanes<16>>) -> tensor<32x10xf32, #nn.lanes<16>> {
  %e = nn.huber %x, %t : tensor<32x10xf32, #nn.lanes<16>>
  return %e : tensor<32x10xf32, #nn.lanes<16>>
}

// CHECK: "nn.accuracy"{{.*}} -> tensor<f32>
func.func @accuracy(%x: tensor<?x10x4x4xf32>, %labels: tensor<?x4x4xi32>) -> tensor<f32> {
  %a = nn.accuracy %x, %labels : tensor<?x10x4x4xf32>, tensor<?x4x4xi32>
  return %a : tensor<f32>
}
