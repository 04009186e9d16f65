// RUN: gradmill-numeric %s --batch=13 | FileCheck %s

// CHECK: ok softmax:
func.func @softmax(%x: tensor<?x7xf64>) -> tensor<?x7xf64> {
  %y = nn.softmax %x : tensor<?x7xf64>
  return %y : tensor<?x7xf64>
}

// Per pixel.
// CHECK: ok log_softmax:
func.func @log_softmax(%x: tensor<?x3x2x4xf64>) -> tensor<?x3x2x4xf64> {
  %y = nn.log_softmax %x : tensor<?x3x2x4xf64>
  return %y : tensor<?x3x2x4xf64>
}

// Labels below 10, the number of classes.
// CHECK: ok cross_entropy:
func.func @cross_entropy(%x: tensor<?x10xf64>, %labels: tensor<?xi32>) -> tensor<f64> {
  %y = nn.log_softmax %x : tensor<?x10xf64>
  %loss = nn.nll_loss %y, %labels : tensor<?x10xf64>, tensor<?xi32>
  return %loss : tensor<f64>
}

// Labels of 3 to 9 are outside of [0, 3): they add nothing, and count in the mean.
// CHECK: ok outside_labels:
func.func @outside_labels(%x: tensor<?x3xf32>, %labels: tensor<?xi32>) -> tensor<f32> {
  %loss = nn.nll_loss %x, %labels : tensor<?x3xf32>, tensor<?xi32>
  return %loss : tensor<f32>
}
