// RUN: gradmill-numeric %s --batch=13 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 | FileCheck %s
// RUN: gradmill-numeric %s --batch=16 | FileCheck %s

// Shapes that go together by NumPy's rule: what is repeated has a batch, or none, or is one number; some
// have no operand of the result's shape.

// CHECK: ok bias:
func.func @bias(%x: tensor<?x5x4xf64>, %b: tensor<4xf64>) -> tensor<?x5x4xf64> {
  %y = nn.add %x, %b : tensor<?x5x4xf64>, tensor<4xf64>
  return %y : tensor<?x5x4xf64>
}
// CHECK: ok channels:
func.func @channels(%x: tensor<?x3x4x5xf64>, %b: tensor<3x1x1xf64>) -> tensor<?x3x4x5xf64> {
  %y = nn.add %x, %b : tensor<?x3x4x5xf64>, tensor<3x1x1xf64>
  return %y : tensor<?x3x4x5xf64>
}
// CHECK: ok gate:
func.func @gate(%x: tensor<?x3x4x5xf64>, %b: tensor<?x3x1x1xf64>) -> tensor<?x3x4x5xf64> {
  %y = nn.add %x, %b : tensor<?x3x4x5xf64>, tensor<?x3x1x1xf64>
  return %y : tensor<?x3x4x5xf64>
}
// CHECK: ok outer:
func.func @outer(%x: tensor<?x3x1x5xf64>, %b: tensor<?x1x4x1xf64>) -> tensor<?x3x4x5xf64> {
  %y = nn.add %x, %b : tensor<?x3x1x5xf64>, tensor<?x1x4x1xf64>
  return %y : tensor<?x3x4x5xf64>
}
// CHECK: ok position:
func.func @position(%x: tensor<?x6x7xf64>, %b: tensor<6x7xf64>) -> tensor<?x6x7xf64> {
  %y = nn.add %x, %b : tensor<?x6x7xf64>, tensor<6x7xf64>
  return %y : tensor<?x6x7xf64>
}
// CHECK: ok parameters:
func.func @parameters(%x: tensor<?x3x4xf64>, %a: tensor<3x1xf64>, %b: tensor<4xf64>) -> tensor<?x3x4xf64> {
  %p = nn.add %a, %b : tensor<3x1xf64>, tensor<4xf64>
  %y = nn.add %x, %p : tensor<?x3x4xf64>, tensor<3x4xf64>
  return %y : tensor<?x3x4xf64>
}
// CHECK: ok repeat:
func.func @repeat(%x: tensor<?x3x1x1xf64>) -> tensor<?x3x4x5xf64> {
  %y = nn.broadcast %x {shape = array<i64: 0, 0, 4, 5>} : tensor<?x3x1x1xf64>
  return %y : tensor<?x3x4x5xf64>
}
// CHECK: ok one:
func.func @one(%x: tensor<?x3xf64>, %w: tensor<1xf64>) -> tensor<?x3xf64> {
  %y = nn.add %x, %w : tensor<?x3xf64>, tensor<1xf64>
  return %y : tensor<?x3xf64>
}
// CHECK: ok samples:
func.func @samples(%x: tensor<?xf64>, %w: tensor<1xf64>) -> tensor<?xf64> {
  %y = nn.add %x, %w : tensor<?xf64>, tensor<1xf64>
  return %y : tensor<?xf64>
}
// Nothing is in lanes but the result.
// CHECK: ok only_parameters:
func.func @only_parameters(%x: tensor<?x3x4xf64>, %w: tensor<4xf64>) -> tensor<?x3x4xf64> {
  %p = nn.broadcast %w {shape = array<i64: 3, 4>} : tensor<4xf64>
  %y = nn.add %x, %p : tensor<?x3x4xf64>, tensor<3x4xf64>
  return %y : tensor<?x3x4xf64>
}
