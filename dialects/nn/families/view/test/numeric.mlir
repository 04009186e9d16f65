// RUN: gradmill-numeric %s --batch=13 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --no-gradient | FileCheck %s

// Row-major order survives the lanes.
// CHECK: ok flatten_linear:
func.func @flatten_linear(%x: tensor<?x3x4x5xf64>, %w: tensor<2x60xf64>) -> tensor<?x2xf64> {
  %f = nn.flatten %x : tensor<?x3x4x5xf64>
  %y = nn.linear %f, %w : tensor<?x60xf64>, tensor<2x60xf64>
  return %y : tensor<?x2xf64>
}

// CHECK: ok to_image:
func.func @to_image(%x: tensor<?x24xf32>) -> tensor<?x4x3x2xf32> {
  %y = nn.reshape %x {shape = array<i64: 0, 4, 3, 2>} : tensor<?x24xf32>
  return %y : tensor<?x4x3x2xf32>
}

// Borders that meet at no place, and dimensions of 1 on both sides.
// CHECK: ok regroup:
func.func @regroup(%x: tensor<?x4x6x1xf64>) -> tensor<?x1x3x8xf64> {
  %r = nn.relu %x : tensor<?x4x6x1xf64>
  %y = nn.reshape %r {shape = array<i64: -1, 1, 3, 8>} : tensor<?x4x6x1xf64>
  %z = nn.relu %y : tensor<?x1x3x8xf64>
  return %z : tensor<?x1x3x8xf64>
}

// CHECK: ok to_vector:
func.func @to_vector(%x: tensor<?x1xf32>) -> tensor<?x1x1xf32> {
  %v = nn.reshape %x {shape = array<i64: 0>} : tensor<?x1xf32>
  %y = nn.reshape %v {shape = array<i64: 0, 1, 1>} : tensor<?xf32>
  return %y : tensor<?x1x1xf32>
}

// Heads of attention: [N, T, H*D] to [N, H, T, D] and back.
// CHECK: ok heads:
func.func @heads(%x: tensor<?x5x6xf64>) -> (tensor<?x2x5x3xf64>, tensor<?x5x6xf64>) {
  %a = nn.reshape %x {shape = array<i64: 0, 0, 2, 3>} : tensor<?x5x6xf64>
  %b = nn.transpose %a {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x5x2x3xf64>
  %s = nn.relu %b : tensor<?x2x5x3xf64>
  %c = nn.transpose %s {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x2x5x3xf64>
  %d = nn.reshape %c {shape = array<i64: 0, 0, -1>} : tensor<?x5x2x3xf64>
  return %b, %d : tensor<?x2x5x3xf64>, tensor<?x5x6xf64>
}

// What has no batch, and may be reordered in front, too.
// CHECK: ok parameters:
func.func @parameters(%x: tensor<?x6xf32>) -> tensor<?x7xf32> {
  %p = nn.parameter "p" : tensor<3x2x14xf32>
  %a = nn.transpose %p {permutation = array<i64: 2, 0, 1>} : tensor<3x2x14xf32>
  %b = nn.reshape %a {shape = array<i64: 14, -1>} : tensor<14x3x2xf32>
  %c = nn.slice %b {axes = array<i64: 0>, starts = array<i64: 12>, ends = array<i64: -15>, strides = array<i64: -2>} : tensor<14x6xf32>
  %d = nn.concat %c, %c {axis = 0} : tensor<7x6xf32>, tensor<7x6xf32>
  %e = nn.slice %d {axes = array<i64: 0>, starts = array<i64: 3>, ends = array<i64: 8>} : tensor<14x6xf32>
  %w = nn.pad %e {low = array<i64: 1, 0>, high = array<i64: 1, 0>, mode = "reflect"} : tensor<5x6xf32>
  %y = nn.linear %x, %w : tensor<?x6xf32>, tensor<7x6xf32>
  return %y : tensor<?x7xf32>
}

// CHECK: ok slices:
func.func @slices(%x: tensor<?x7x9xf64>) -> (tensor<?x3x9xf64>, tensor<?x7x3xf64>, tensor<?x2x4xf64>) {
  %a = nn.slice %x {axes = array<i64: 1>, starts = array<i64: 2>, ends = array<i64: 5>} : tensor<?x7x9xf64>
  %b = nn.slice %x {axes = array<i64: -1>, starts = array<i64: -2>, ends = array<i64: 0>, strides = array<i64: -3>} : tensor<?x7x9xf64>
  %c = nn.slice %x {starts = array<i64: 0, 1, -100>, ends = array<i64: 9223372036854775807, 6, 100>, strides = array<i64: 1, 3, 2>} : tensor<?x7x9xf64>
  %d = nn.slice %c {axes = array<i64: 2>, starts = array<i64: 0>, ends = array<i64: 4>} : tensor<?x2x5xf64>
  return %a, %b, %d : tensor<?x3x9xf64>, tensor<?x7x3xf64>, tensor<?x2x4xf64>
}

// CHECK: ok concats:
func.func @concats(%a: tensor<?x3x2x4xf64>, %b: tensor<?x5x2x4xf64>, %c: tensor<?x3x1x4xf64>) -> (tensor<?x11x2x4xf64>, tensor<?x3x4x4xf64>) {
  %s = nn.relu %a : tensor<?x3x2x4xf64>
  %x = nn.concat %s, %b, %a : tensor<?x3x2x4xf64>, tensor<?x5x2x4xf64>, tensor<?x3x2x4xf64>
  %r = nn.relu %x : tensor<?x11x2x4xf64>
  %y = nn.concat %c, %a, %c {axis = -2} : tensor<?x3x1x4xf64>, tensor<?x3x2x4xf64>, tensor<?x3x1x4xf64>
  return %r, %y : tensor<?x11x2x4xf64>, tensor<?x3x4x4xf64>
}

// CHECK: ok pads:
func.func @pads(%x: tensor<?x3x4x5xf64>) -> (tensor<?x3x7x6xf64>, tensor<?x7x4x5xf64>, tensor<?x3x10x13xf64>, tensor<?x8x9x5xf64>) {
  %a = nn.pad %x {axes = array<i64: 2, 3>, low = array<i64: 1, 0>, high = array<i64: 2, 1>, value = 0.5} : tensor<?x3x4x5xf64>
  %b = nn.pad %x {axes = array<i64: 1>, low = array<i64: 2>, high = array<i64: 2>, mode = "reflect"} : tensor<?x3x4x5xf64>
  %c = nn.pad %x {axes = array<i64: -1, 2>, low = array<i64: 4, 3>, high = array<i64: 4, 3>, mode = "reflect"} : tensor<?x3x4x5xf64>
  %d = nn.pad %x {low = array<i64: 0, 4, 2, 0>, high = array<i64: 0, 1, 3, 0>, mode = "replicate"} : tensor<?x3x4x5xf64>
  return %a, %b, %c, %d : tensor<?x3x7x6xf64>, tensor<?x7x4x5xf64>, tensor<?x3x10x13xf64>, tensor<?x8x9x5xf64>
}

// CHECK: ok single:
func.func @single(%x: tensor<?x1x4xf32>) -> tensor<?x6x4xf32> {
  %y = nn.pad %x {axes = array<i64: 1>, low = array<i64: 3>, high = array<i64: 2>, mode = "replicate"} : tensor<?x1x4xf32>
  return %y : tensor<?x6x4xf32>
}
