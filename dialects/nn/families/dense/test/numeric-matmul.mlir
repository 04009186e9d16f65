// RUN: gradmill-numeric %s --batch=13 --samples=24 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --no-gradient | FileCheck %s

// CHECK: ok plain:
func.func @plain(%a: tensor<?x3x5xf64>, %b: tensor<?x5x4xf64>) -> tensor<?x3x4xf64> {
  %c = nn.matmul %a, %b : tensor<?x3x5xf64>, tensor<?x5x4xf64>
  return %c : tensor<?x3x4xf64>
}

// CHECK: ok left:
func.func @left(%a: tensor<?x5x3xf64>, %b: tensor<?x5x4xf64>) -> tensor<?x3x4xf64> {
  %c = nn.matmul %a, %b {transpose_lhs = true} : tensor<?x5x3xf64>, tensor<?x5x4xf64>
  return %c : tensor<?x3x4xf64>
}

// CHECK: ok right:
func.func @right(%a: tensor<?x2x3x5xf64>, %b: tensor<?x2x4x5xf64>) -> tensor<?x2x3x4xf64> {
  %c = nn.matmul %a, %b {transpose_rhs = true} : tensor<?x2x3x5xf64>, tensor<?x2x4x5xf64>
  return %c : tensor<?x2x3x4xf64>
}

// CHECK: ok both:
func.func @both(%a: tensor<?x2x5x3xf32>, %b: tensor<?x2x4x5xf32>) -> tensor<?x2x3x4xf32> {
  %c = nn.matmul %a, %b {transpose_lhs = true, transpose_rhs = true} : tensor<?x2x5x3xf32>, tensor<?x2x4x5xf32>
  return %c : tensor<?x2x3x4xf32>
}

// Matrices without a batch, on either side.
// CHECK: ok weights:
func.func @weights(%a: tensor<?x3x5xf64>, %w: tensor<5x4xf64>, %v: tensor<2x3xf64>) -> (tensor<?x2x4xf64>, tensor<?x3x3xf64>) {
  %b = nn.matmul %a, %w : tensor<?x3x5xf64>, tensor<5x4xf64>
  %c = nn.matmul %v, %b : tensor<2x3xf64>, tensor<?x3x4xf64>
  %u = nn.parameter "u" : tensor<3x5xf64>
  %d = nn.matmul %a, %u {transpose_rhs = true} : tensor<?x3x5xf64>, tensor<3x5xf64>
  return %c, %d : tensor<?x2x4xf64>, tensor<?x3x3xf64>
}

// A matrix for each head; the batch as rows; heads that share one matrix.
// CHECK: ok repeated:
func.func @repeated(%a: tensor<?x2x3x5xf64>, %w: tensor<2x5x19xf64>, %x: tensor<?x5xf64>, %v: tensor<5x3xf64>, %k: tensor<?x1x3x5xf64>, %l: tensor<1x1x4x3xf64>)
    -> (tensor<?x2x3x19xf64>, tensor<?x3xf64>, tensor<?x2x3x3xf64>, tensor<?x2x4x5xf64>) {
  %b = nn.matmul %a, %w : tensor<?x2x3x5xf64>, tensor<2x5x19xf64>
  %y = nn.matmul %x, %v : tensor<?x5xf64>, tensor<5x3xf64>
  %s = nn.matmul %a, %k {transpose_rhs = true} : tensor<?x2x3x5xf64>, tensor<?x1x3x5xf64>
  %m = nn.matmul %l, %a : tensor<1x1x4x3xf64>, tensor<?x2x3x5xf64>
  return %b, %y, %s, %m : tensor<?x2x3x19xf64>, tensor<?x3xf64>, tensor<?x2x3x3xf64>, tensor<?x2x4x5xf64>
}

// Of tensors without a batch alone.
// CHECK: ok parameters:
func.func @parameters(%x: tensor<?x4xf64>) -> tensor<?x3xf64> {
  %a = nn.parameter "a" : tensor<3x5xf64>
  %b = nn.parameter "b" : tensor<5x4xf64>
  %w = nn.matmul %a, %b : tensor<3x5xf64>, tensor<5x4xf64>
  %y = nn.linear %x, %w : tensor<?x4xf64>, tensor<3x4xf64>
  return %y : tensor<?x3xf64>
}
