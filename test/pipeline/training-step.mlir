// RUN: gradmill-opt --build-loss --build-training-step %s | FileCheck %s

// A value used twice gets the sum of its cotangents; what does not influence the loss gets
// no update; a parameter read twice is one parameter.
// CHECK-LABEL: func.func @main(
// CHECK-LABEL: func.func @train(
// CHECK-SAME:    tensor<?x4xf32> {nn.name = "input", nn.port = "data"}, %[[LABEL:[a-z0-9]+]]: tensor<?xi32> {nn.classes = 4 : i64, nn.name = "label", nn.port = "target"}, %[[LR:[a-z0-9]+]]: tensor<f32> {nn.name = "learning_rate", nn.port = "control"}, %{{[a-z0-9]+}}: tensor<i64> {nn.name = "seed", nn.port = "control"}, %{{[a-z0-9]+}}: tensor<i64> {nn.name = "step", nn.port = "control"})
// CHECK-SAME:    -> (tensor<f32> {nn.name = "loss", nn.port = "loss"}, tensor<f32> {nn.name = "accuracy", nn.port = "metric", nn.share})
// CHECK-SAME:    attributes {nn.entry = "train"}
// CHECK:       %[[W:.*]] = nn.parameter "w"
// CHECK:       %[[A:.*]] = nn.linear %arg0, %[[W]]
// CHECK:       %[[R:.*]] = nn.relu %[[A]]
// CHECK:       %[[B:.*]] = nn.linear %[[R]], %[[W]]
// CHECK:       %[[O:.*]] = nn.log_softmax
// CHECK:       %[[LOSS:.*]] = nn.nll_loss %[[O]], %[[LABEL]]
// CHECK:       %[[ACCURACY:.*]] = nn.accuracy %[[O]], %[[LABEL]]
// CHECK:       nn.constant dense<1.000000e+00> : tensor<f32>
// CHECK:       %[[DS:.*]] = nn.log_softmax_backward
// CHECK:       %[[DW2:.*]] = nn.linear_backward_weights %[[R]], %[[DS]]
// CHECK:       %[[DR2:.*]] = nn.linear_backward_data %[[DS]], %[[W]]
// CHECK:       %[[DR:.*]] = nn.add %[[DS]], %[[DR2]]
// CHECK:       %[[DA:.*]] = nn.relu_backward %[[DR]], %[[R]]
// CHECK:       %[[DW1:.*]] = nn.linear_backward_weights %arg0, %[[DA]]
// CHECK-NOT:   nn.linear_backward_data
// CHECK:       %[[DW:.*]] = nn.add %[[DW2]], %[[DW1]]
// CHECK:       nn.sgd_momentum %[[W]], %[[DW]], %{{.*}}, %[[LR]]
// CHECK-NOT:   nn.assign "unused
// CHECK:       nn.assign "w"
// CHECK:       return %[[LOSS]], %[[ACCURACY]]
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = nn.parameter "w" : tensor<4x4xf32>
  %a = nn.linear %x, %w : tensor<?x4xf32>, tensor<4x4xf32>
  %r = nn.relu %a : tensor<?x4xf32>
  %again = nn.parameter "w" : tensor<4x4xf32>
  %b = nn.linear %r, %again : tensor<?x4xf32>, tensor<4x4xf32>
  %s = nn.add %r, %b : tensor<?x4xf32>
  %unused = nn.parameter "unused" : tensor<4x4xf32>
  %o = nn.log_softmax %s : tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
