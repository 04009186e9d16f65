// Products with whole tiles of rows and columns, and what is left of both; factors
// are copied where a vector is no whole line of the cache.
// RUN: gradmill-numeric %s --batch=5 --samples=0 --vector-bytes=16 | FileCheck %s
// RUN: gradmill-numeric %s --batch=9 --samples=0 --vector-bytes=32 --machine=avx2 | FileCheck %s
// RUN: gradmill-numeric %s --batch=9 --samples=0 | FileCheck %s

// CHECK: ok heads:
func.func @heads(%q: tensor<?x3x25x7xf32>, %k: tensor<?x3x26x7xf32>, %v: tensor<?x3x26x23xf32>) -> tensor<?x3x25x23xf32> {
  %s = nn.matmul %q, %k {transpose_rhs = true} : tensor<?x3x25x7xf32>, tensor<?x3x26x7xf32>
  %p = nn.softmax %s {axis = -1} : tensor<?x3x25x26xf32>
  %y = nn.matmul %p, %v : tensor<?x3x25x26xf32>, tensor<?x3x26x23xf32>
  return %y : tensor<?x3x25x23xf32>
}

// CHECK: ok planes:
func.func @planes(%a: tensor<?x2x2x19x21xf64>, %b: tensor<?x2x1x21x22xf64>) -> tensor<?x2x2x19x22xf64> {
  %y = nn.matmul %a, %b : tensor<?x2x2x19x21xf64>, tensor<?x2x1x21x22xf64>
  return %y : tensor<?x2x2x19x22xf64>
}
