// RUN: gradmill-numeric %s --batch=13 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=36 --vector-bytes=16 --samples=0 | FileCheck %s

// Whole vectors of a row, and what is left; rows that several positions read.
// CHECK: ok words:
func.func @words(%i: tensor<?x5xi32> {nn.max = 7 : i64}, %table: tensor<7x21xf64>) -> tensor<?x5x21xf64> {
  %y = nn.embedding %i, %table : tensor<?x5xi32>, tensor<7x21xf64>
  return %y : tensor<?x5x21xf64>
}

// Fused behind, in f32; dimensions of space.
// CHECK: ok pixels:
func.func @pixels(%i: tensor<?x2x3xi32> {nn.max = 40 : i64}, %table: tensor<40x16xf32>, %x: tensor<?x2x3x16xf32>) -> tensor<?x2x3x16xf32> {
  %y = nn.embedding %i, %table : tensor<?x2x3xi32>, tensor<40x16xf32>
  %z = nn.add %y, %x : tensor<?x2x3x16xf32>
  return %z : tensor<?x2x3x16xf32>
}

// Indices of 3 to 9 are outside: they read the last row.
// CHECK: ok outside:
func.func @outside(%i: tensor<?xi32>, %table: tensor<3x2xf64>) -> tensor<?x2xf64> {
  %y = nn.embedding %i, %table : tensor<?xi32>, tensor<3x2xf64>
  return %y : tensor<?x2xf64>
}
