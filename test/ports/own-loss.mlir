// RUN: gradmill-opt --build-loss --build-training-step --build-inference %s | FileCheck %s

// A graph's own loss, of its output, a target, and an input: it goes into the step, and is an entry.
// CHECK: module attributes {nn.loss = "@loss"}
// CHECK-LABEL: func.func @infer(
// CHECK-LABEL: func.func @train(
// CHECK-SAME:    %[[X:arg0]]: tensor<8x3xf32> {nn.name = "x", nn.port = "data"}, %[[T:arg1]]: tensor<8x3xf32> {nn.name = "goal", nn.port = "target"}, %{{.*}}: tensor<f32> {nn.name = "learning_rate"
// CHECK-SAME:    -> (tensor<f32> {nn.name = "loss", nn.port = "loss"}, tensor<f32> {nn.name = "metric1", nn.port = "metric"})
// CHECK:         %[[Y:.*]] = nn.linear
// CHECK:         %[[D:.*]] = nn.add %[[Y]], %[[X]]
// CHECK:         %[[E:.*]] = nn.squared_error %[[D]], %[[T]]
// CHECK:         %[[L:.*]] = nn.mean %[[E]]
// CHECK:         %[[A:.*]] = nn.absolute_error %[[D]], %[[T]]
// CHECK:         %[[M:.*]] = nn.mean %[[A]]
// CHECK:         nn.squared_error_backward
// CHECK:         nn.linear_backward_weights
// CHECK:         return %[[L]], %[[M]]
// CHECK-LABEL: func.func @loss(
// CHECK-SAME:    {nn.name = "goal", nn.port = "target"}, %{{.*}}: tensor<8x3xf32> {nn.name = "x", nn.port = "data"}, %{{.*}}: tensor<8x3xf32> {nn.name = "y", nn.port = "prediction"})
// CHECK-SAME:    attributes {nn.entry = "loss"}
func.func @main(%x: tensor<8x3xf32> {nn.name = "x"}) -> (tensor<8x3xf32> {nn.name = "y"}) {
  %w = nn.parameter "w" : tensor<3x3xf32>
  %y = nn.linear %x, %w : tensor<8x3xf32>, tensor<3x3xf32>
  return %y : tensor<8x3xf32>
}
func.func @loss(%goal: tensor<8x3xf32> {nn.name = "goal"}, %x: tensor<8x3xf32> {nn.name = "x"}, %y: tensor<8x3xf32> {nn.name = "y"})
    -> (tensor<f32>, tensor<f32>) {
  %d = nn.add %y, %x : tensor<8x3xf32>
  %e = nn.squared_error %d, %goal : tensor<8x3xf32>
  %l = nn.mean %e : tensor<8x3xf32>
  %a = nn.absolute_error %d, %goal : tensor<8x3xf32>
  %m = nn.mean %a : tensor<8x3xf32>
  return %l, %m : tensor<f32>, tensor<f32>
}
