// Views that a loop nest reads through need no memory: the heads of an attention, a
// transposed parameter, a slice.
// RUN: gradmill-opt --specialize-batch=batch=16 --expand-linalg --cse %s | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --samples=24 | FileCheck %s --check-prefix=NUMBERS

// CHECK: #[[Q:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2, d1 * 3 + d4)>
// CHECK: #[[K:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d3, d1 * 3 + d4)>
// CHECK: #[[S:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3 * -2 + 7)>
// CHECK: #[[W:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>

// NUMBERS: ok heads:
// CHECK-LABEL: func.func @heads(
// CHECK-NOT:     nn.reshape
// CHECK-NOT:     nn.transpose
// CHECK:         nn.linalg_nest %arg0, %arg1
// CHECK-SAME:      maps = [#[[Q]], #[[K]]]
func.func @heads(%x: tensor<?x5x6xf64>, %z: tensor<?x7x6xf64>) -> tensor<?x2x5x7xf64> attributes {nn.entry = "infer"} {
  %a = nn.reshape %x {shape = array<i64: 0, 0, 2, 3>} : tensor<?x5x6xf64>
  %q = nn.transpose %a {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x5x2x3xf64>
  %b = nn.reshape %z {shape = array<i64: 0, 0, 2, 3>} : tensor<?x7x6xf64>
  %k = nn.transpose %b {permutation = array<i64: 0, 2, 3, 1>} : tensor<?x7x2x3xf64>
  %y = nn.matmul %q, %k : tensor<?x2x5x3xf64>, tensor<?x2x3x7xf64>
  return %y : tensor<?x2x5x7xf64>
}

// NUMBERS: ok parameter:
// CHECK-LABEL: func.func @parameter(
// CHECK:         %[[P:.*]] = nn.parameter "p"
// CHECK-NOT:     nn.transpose
// CHECK:         nn.linalg_nest %arg0, %[[P]]
// CHECK-SAME:      maps = [#[[S]], #[[W]]]
func.func @parameter(%x: tensor<?x3x8xf64>) -> tensor<?x3x5xf64> attributes {nn.entry = "infer"} {
  %p = nn.parameter "p" : tensor<5x4xf64>
  %w = nn.transpose %p {permutation = array<i64: 1, 0>} : tensor<5x4xf64>
  %s = nn.slice %x {axes = array<i64: 2>, starts = array<i64: -1>, ends = array<i64: -9>, strides = array<i64: -2>} : tensor<?x3x8xf64>
  %y = nn.matmul %s, %w : tensor<?x3x4xf64>, tensor<4x5xf64>
  return %y : tensor<?x3x5xf64>
}

// What would need a division is moved.
// NUMBERS: ok joined:
// CHECK-LABEL: func.func @joined(
// CHECK:         %[[R:.*]] = nn.reshape %arg0
// CHECK:         nn.linalg_nest %[[R]], %arg1
func.func @joined(%x: tensor<?x5x2x3xf64>, %z: tensor<?x6x4xf64>) -> (tensor<?x5x4xf64>, tensor<?x5x6xf64>) attributes {nn.entry = "infer"} {
  %a = nn.reshape %x {shape = array<i64: 0, 0, 6>} : tensor<?x5x2x3xf64>
  %y = nn.matmul %a, %z : tensor<?x5x6xf64>, tensor<?x6x4xf64>
  return %y, %a : tensor<?x5x4xf64>, tensor<?x5x6xf64>
}
