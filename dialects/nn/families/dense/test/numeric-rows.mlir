// RUN: gradmill-numeric %s --batch=13 --samples=24 | FileCheck %s
// RUN: gradmill-numeric %s --batch=3 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=45 --vector-bytes=16 --samples=0 | FileCheck %s

// Sequences: whole tiles of positions, outputs and inputs, and what is left.
// CHECK: ok sequence:
func.func @sequence(%x: tensor<?x9x18xf64>, %w: tensor<11x18xf64>, %b: tensor<11xf64>) -> tensor<?x9x11xf64> {
  %y = nn.linear %x, %w bias %b : tensor<?x9x18xf64>, tensor<11x18xf64>, tensor<11xf64>
  return %y : tensor<?x9x11xf64>
}

// CHECK: ok pixels:
func.func @pixels(%x: tensor<?x3x2x5xf32>, %w: tensor<17x5xf32>, %b: tensor<17xf32>) -> tensor<?x3x2x17xf32> {
  %y = nn.linear %x, %w bias %b : tensor<?x3x2x5xf32>, tensor<17x5xf32>, tensor<17xf32>
  %z = nn.relu %y : tensor<?x3x2x17xf32>
  return %z : tensor<?x3x2x17xf32>
}

// CHECK: ok single:
func.func @single(%x: tensor<?x1x1xf64>, %w: tensor<1x1xf64>, %b: tensor<1xf64>) -> tensor<?x1x1xf64> {
  %y = nn.linear %x, %w bias %b : tensor<?x1x1xf64>, tensor<1x1xf64>, tensor<1xf64>
  return %y : tensor<?x1x1xf64>
}
