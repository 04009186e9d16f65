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
