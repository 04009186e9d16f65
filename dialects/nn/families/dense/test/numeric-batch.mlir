// RUN: gradmill-numeric %s --batch=16 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --no-gradient | FileCheck %s

// Odd numbers of features and outputs, whole vectors and a single image.
// CHECK: ok wide:
func.func @wide(%x: tensor<?x33xf32>, %w: tensor<17x33xf32>, %b: tensor<17xf32>) -> tensor<?x17xf32> {
  %y = nn.linear %x, %w bias %b : tensor<?x33xf32>, tensor<17x33xf32>, tensor<17xf32>
  return %y : tensor<?x17xf32>
}

// CHECK: ok narrow:
func.func @narrow(%x: tensor<?x1xf64>, %w: tensor<1x1xf64>) -> tensor<?x1xf64> {
  %y = nn.linear %x, %w : tensor<?x1xf64>, tensor<1x1xf64>
  return %y : tensor<?x1xf64>
}
