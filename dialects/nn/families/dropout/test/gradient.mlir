// RUN: gradmill-opt --build-loss --build-training-step %s | FileCheck %s
// RUN: gradmill-opt --build-inference %s | FileCheck %s --check-prefix=INFER

// Every layer has a stream of its own, also one that drops nothing: taking it out of the
// program must not give the next layer another mask. The adjoint reads the layer's own mask.
// CHECK-LABEL: func.func @train(
// CHECK-SAME:    %[[SEED:[a-z0-9]+]]: tensor<i64> {nn.name = "seed", nn.port = "control"}, %[[STEP:[a-z0-9]+]]: tensor<i64> {nn.name = "step", nn.port = "control"})
// CHECK:       %[[L:.*]] = nn.linear
// CHECK:       %[[D1:.*]], %[[M1:.*]] = nn.dropout_train %[[L]], %[[SEED]], %[[STEP]] {p = 1.000000e-01 : f64, stream = 0 : i64, whole_channels = true}
// CHECK:       %[[D2:.*]], %[[M2:.*]] = nn.dropout_train %[[D1]], %[[SEED]], %[[STEP]] {p = 5.000000e-01 : f64, stream = 2 : i64}
// CHECK:       %[[DY:.*]] = nn.log_softmax_backward
// CHECK:       %[[G2:.*]] = nn.dropout_backward %[[DY]], %[[M2]] {p = 5.000000e-01 : f64}
// CHECK:       %[[G1:.*]] = nn.dropout_backward %[[G2]], %[[M1]] {p = 1.000000e-01 : f64}
// CHECK:       nn.linear_backward_weights %{{.*}}, %[[G1]]

// INFER-LABEL: func.func @infer(
// INFER-NOT:   nn.dropout
// INFER:       return
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" : tensor<3x4xf32>
  %y = nn.linear %x, %w : tensor<?x4xf32>, tensor<3x4xf32>
  %a = nn.dropout %y {p = 0.1, whole_channels = true} : tensor<?x3xf32>
  %b = nn.dropout %a {p = 0.0} : tensor<?x3xf32>
  %c = nn.dropout %b : tensor<?x3xf32>
  %o = nn.log_softmax %c : tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}
