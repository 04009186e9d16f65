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

// CHECK-LABEL: func.func @errors
func.func @errors(%y: tensor<?x10xf32>, %t: tensor<?x10xf32>, %p: tensor<10xf32>) -> tensor<?x10xf32> {
  // CHECK: nn.squared_error %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %0 = nn.squared_error %y, %t : tensor<?x10xf32>
  // CHECK: nn.squared_error_backward %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %1 = nn.squared_error_backward %0, %y, %t : tensor<?x10xf32>
  // CHECK: nn.absolute_error %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %2 = nn.absolute_error %y, %1 : tensor<?x10xf32>
  // CHECK: nn.absolute_error_backward %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %3 = nn.absolute_error_backward %2, %y, %t : tensor<?x10xf32>
  // CHECK: nn.huber %{{.*}}, %{{.*}} {delta = 5.000000e-01 : f64} : tensor<?x10xf32>
  %4 = nn.huber %y, %3 {delta = 0.5} : tensor<?x10xf32>
  // CHECK: nn.huber_backward %{{.*}}, %{{.*}}, %{{.*}} {delta = 5.000000e-01 : f64} : tensor<?x10xf32>
  %5 = nn.huber_backward %4, %y, %t {delta = 0.5} : tensor<?x10xf32>
  // CHECK: nn.bce_with_logits %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %6 = nn.bce_with_logits %y, %5 : tensor<?x10xf32>
  // CHECK: nn.bce_with_logits %{{.*}}, %{{.*}} pos_weight %{{.*}} : tensor<?x10xf32>, tensor<10xf32>
  %7 = nn.bce_with_logits %y, %6 pos_weight %p : tensor<?x10xf32>, tensor<10xf32>
  // CHECK: nn.bce_with_logits_backward %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x10xf32>
  %8 = nn.bce_with_logits_backward %7, %y, %t : tensor<?x10xf32>
  // CHECK: nn.bce_with_logits_backward_targets %{{.*}}, %{{.*}}, %{{.*}} pos_weight %{{.*}} : tensor<?x10xf32>, tensor<10xf32>
  %9 = nn.bce_with_logits_backward_targets %8, %y, %t pos_weight %p : tensor<?x10xf32>, tensor<10xf32>
  return %9 : tensor<?x10xf32>
}

// CHECK-LABEL: func.func @mean
func.func @mean(%x: tensor<?x10x4xf64>) -> (tensor<f64>, tensor<?x10x4xf64>) {
  // CHECK: nn.mean %{{.*}} : tensor<?x10x4xf64>
  %m = nn.mean %x : tensor<?x10x4xf64>
  // CHECK: nn.mean_backward %{{.*}} : tensor<f64> -> tensor<?x10x4xf64>
  %dx = nn.mean_backward %m : tensor<f64> -> tensor<?x10x4xf64>
  // CHECK: nn.weighted_sum %{{.*}}, %{{.*}} {weights = array<f64: 1.000000e+00, 5.000000e-01>} : tensor<f64>, tensor<f64>
  %s = nn.weighted_sum %m, %m {weights = array<f64: 1.0, 0.5>} : tensor<f64>, tensor<f64>
  return %s, %dx : tensor<f64>, tensor<?x10x4xf64>
}

// CHECK-LABEL: func.func @accuracy
func.func @accuracy(%x: tensor<?x10x4x4xf32>, %labels: tensor<?x4x4xi32>) -> tensor<f32> {
  // CHECK: nn.accuracy %{{.*}}, %{{.*}} {ignore_index = 255 : i64, k = 5 : i64} : tensor<?x10x4x4xf32>, tensor<?x4x4xi32>
  %a = nn.accuracy %x, %labels {k = 5 : i64, ignore_index = 255 : i64} : tensor<?x10x4x4xf32>, tensor<?x4x4xi32>
  return %a : tensor<f32>
}

// CHECK-LABEL: func.func @nll_loss_options
func.func @nll_loss_options(%x: tensor<?x10x4x4xf32>, %labels: tensor<?x4x4xi32>, %w: tensor<10xf32>) -> tensor<?x10x4x4xf32> {
  // CHECK: nn.nll_loss %{{.*}}, %{{.*}} weights %{{.*}} {ignore_index = 255 : i64, label_smoothing = 1.000000e-01 : f64} : tensor<?x10x4x4xf32>, tensor<?x4x4xi32>, tensor<10xf32>
  %loss = nn.nll_loss %x, %labels weights %w {ignore_index = 255 : i64, label_smoothing = 0.1} : tensor<?x10x4x4xf32>, tensor<?x4x4xi32>, tensor<10xf32>
  // CHECK: nn.nll_loss_backward %{{.*}}, %{{.*}}, %{{.*}} weights %{{.*}} {ignore_index = 255 : i64} : tensor<f32>, tensor<?x4x4xi32>, tensor<?x10x4x4xf32>, tensor<10xf32>
  %dx = nn.nll_loss_backward %loss, %labels, %x weights %w {ignore_index = 255 : i64} : tensor<f32>, tensor<?x4x4xi32>, tensor<?x10x4x4xf32>, tensor<10xf32>
  return %dx : tensor<?x10x4x4xf32>
}
