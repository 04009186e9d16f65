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
// What an op reads without a buffer may itself read something that is repeated, which has one.
// CHECK: ok gate_of_a_view:
func.func @gate_of_a_view(%x: tensor<?x2x3xf64>, %g: tensor<?x5xf64>) -> (tensor<?x2x3xf64>, tensor<?x2xf64>) {
  %m = nn.reduce_sum %g {axes = array<i64: 1>, keep_dims = true} : tensor<?x5xf64>
  %z = nn.concat %m, %m : tensor<?x1xf64>, tensor<?x1xf64>
  %e = nn.exp %m : tensor<?x1xf64>
  %b = nn.broadcast %e {shape = array<i64: 0, 6>} : tensor<?x1xf64>
  %r = nn.reshape %b {shape = array<i64: 0, 2, 3>} : tensor<?x6xf64>
  %y = nn.add %x, %r : tensor<?x2x3xf64>
  return %y, %z : tensor<?x2x3xf64>, tensor<?x2xf64>
}
