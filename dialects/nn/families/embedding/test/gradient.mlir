// RUN: gradmill-opt --differentiate %s | FileCheck %s

// CHECK-LABEL: func.func @embedding_vjp(
// CHECK-SAME:    %[[I:[a-z0-9]+]]: tensor<?x5xi32>, %{{[a-z0-9]+}}: tensor<7x21xf32>, %[[DY:[a-z0-9]+]]: tensor<?x5x21xf32>)
func.func @embedding(%i: tensor<?x5xi32>, %table: tensor<7x21xf32>) -> tensor<?x5x21xf32> {
  // CHECK: %[[D:.*]] = nn.embedding_backward %[[DY]], %[[I]] {rows = 7 : i64}
  // CHECK: return %[[D]]
  %y = nn.embedding %i, %table : tensor<?x5xi32>, tensor<7x21xf32>
  return %y : tensor<?x5x21xf32>
}
