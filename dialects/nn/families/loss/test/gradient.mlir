// RUN: gradmill-opt --differentiate %s | FileCheck %s

// CHECK-LABEL: func.func @softmax_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x10xf32>, %[[DY:[a-z0-9]+]]: tensor<?x10xf32>)
func.func @softmax(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK: %[[Y:.*]] = nn.softmax %[[X]]
  // CHECK: %[[DX:.*]] = nn.softmax_backward %[[DY]], %[[Y]]
  // CHECK: return %[[DX]]
  %y = nn.softmax %x : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}

// From the loss back to the logits; labels have no cotangent.
// CHECK-LABEL: func.func @cross_entropy_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x10xf32>, %[[LABELS:[a-z0-9]+]]: tensor<?xi32>, %[[DL:[a-z0-9]+]]: tensor<f32>) -> tensor<?x10xf32>
func.func @cross_entropy(%x: tensor<?x10xf32>, %labels: tensor<?xi32>) -> tensor<f32> {
  // CHECK: %[[Y:.*]] = nn.log_softmax %[[X]]
  // CHECK: %[[DY:.*]] = nn.nll_loss_backward %[[DL]], %[[LABELS]], %[[Y]]
  // CHECK: %[[DX:.*]] = nn.log_softmax_backward %[[DY]], %[[Y]]
  // CHECK: return %[[DX]]
  %y = nn.log_softmax %x : tensor<?x10xf32>
  %loss = nn.nll_loss %y, %labels : tensor<?x10xf32>, tensor<?xi32>
  return %loss : tensor<f32>
}

// Of mean's input only the shape is needed: nothing is kept for it. What is even in the
// difference has one adjoint for both operands.
// CHECK-LABEL: func.func @mse_vjp(
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: tensor<?x10xf32>, %[[T:[a-z0-9]+]]: tensor<?x10xf32>, %[[DL:[a-z0-9]+]]: tensor<f32>)
func.func @mse(%y: tensor<?x10xf32>, %t: tensor<?x10xf32>) -> tensor<f32> {
  // CHECK: %[[DE:.*]] = nn.mean_backward %[[DL]] : tensor<f32> -> tensor<?x10xf32>
  // CHECK: %[[DY:.*]] = nn.squared_error_backward %[[DE]], %[[Y]], %[[T]]
  // CHECK: %[[DT:.*]] = nn.squared_error_backward %[[DE]], %[[T]], %[[Y]]
  // CHECK: return %[[DY]], %[[DT]]
  %e = nn.squared_error %y, %t : tensor<?x10xf32>
  %loss = nn.mean %e : tensor<?x10xf32>
  return %loss : tensor<f32>
}

// CHECK-LABEL: func.func @bce_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x3xf32>, %[[T:[a-z0-9]+]]: tensor<?x3xf32>, %[[DE:[a-z0-9]+]]: tensor<?x3xf32>)
func.func @bce(%x: tensor<?x3xf32>, %t: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // CHECK: %[[P:.*]] = nn.constant
  // CHECK: %[[DX:.*]] = nn.bce_with_logits_backward %[[DE]], %[[X]], %[[T]] pos_weight %[[P]]
  // CHECK: %[[DT:.*]] = nn.bce_with_logits_backward_targets %[[DE]], %[[X]], %[[T]] pos_weight %[[P]]
  // CHECK: return %[[DX]], %[[DT]]
  %p = nn.constant dense<[0.5, 2.0, 7.0]> : tensor<3xf32>
  %e = nn.bce_with_logits %x, %t pos_weight %p : tensor<?x3xf32>, tensor<3xf32>
  return %e : tensor<?x3xf32>
}

// A weight of 1 hands the cotangent on as it is.
// CHECK-LABEL: func.func @weighted_sum_vjp(
// CHECK-SAME:    %[[DL:[a-z0-9]+]]: tensor<f32>) -> (tensor<f32>, tensor<f32>)
func.func @weighted_sum(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  // CHECK: %[[DB:.*]] = nn.weighted_sum %[[DL]] {weights = array<f64: 5.000000e-01>} : tensor<f32>
  // CHECK: return %[[DL]], %[[DB]]
  %s = nn.weighted_sum %a, %b {weights = array<f64: 1.0, 0.5>} : tensor<f32>, tensor<f32>
  return %s : tensor<f32>
}

// What changes the loss changes its adjoint.
// CHECK-LABEL: func.func @weighted_vjp(
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: tensor<?x3xf32>, %[[LABELS:[a-z0-9]+]]: tensor<?xi32>, %[[DL:[a-z0-9]+]]: tensor<f32>)
func.func @weighted(%y: tensor<?x3xf32>, %labels: tensor<?xi32>) -> tensor<f32> {
  // CHECK: %[[W:.*]] = nn.constant
  // CHECK: nn.nll_loss_backward %[[DL]], %[[LABELS]], %[[Y]] weights %[[W]] {ignore_index = 255 : i64, label_smoothing = 1.000000e-01 : f64}
  %w = nn.constant dense<[0.5, 2.0, 7.0]> : tensor<3xf32>
  %loss = nn.nll_loss %y, %labels weights %w {ignore_index = 255, label_smoothing = 0.1} : tensor<?x3xf32>, tensor<?xi32>, tensor<3xf32>
  return %loss : tensor<f32>
}
