// RUN: gradmill-numeric %s --batch=13 | FileCheck %s

// CHECK: ok linear:
func.func @linear(%x: tensor<?x7xf64>, %w: tensor<5x7xf64>, %b: tensor<5xf64>) -> tensor<?x5xf64> {
  %y = nn.linear %x, %w bias %b : tensor<?x7xf64>, tensor<5x7xf64>, tensor<5xf64>
  return %y : tensor<?x5xf64>
}

// Row-major order survives the lanes.
// CHECK: ok flatten_linear:
func.func @flatten_linear(%x: tensor<?x3x4x5xf64>, %w: tensor<2x60xf64>) -> tensor<?x2xf64> {
  %f = nn.flatten %x : tensor<?x3x4x5xf64>
  %y = nn.linear %f, %w : tensor<?x60xf64>, tensor<2x60xf64>
  return %y : tensor<?x2xf64>
}

// CHECK: ok unflatten:
func.func @unflatten(%x: tensor<?x24xf32>) -> tensor<?x4x3x2xf32> {
  %y = nn.unflatten %x {shape = array<i64: 4, 3, 2>} : tensor<?x24xf32>
  return %y : tensor<?x4x3x2xf32>
}
