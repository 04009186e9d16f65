// RUN: gradmill-opt --differentiate %s | FileCheck %s

// Of the output, which is kept for the next layer anyway.
// CHECK-LABEL: func.func @relu_vjp(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x10xf32>, %[[DY:[a-z0-9]+]]: tensor<?x10xf32>)
func.func @relu(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK: %[[Y:.*]] = nn.relu %[[X]]
  // CHECK: %[[DX:.*]] = nn.relu_backward %[[DY]], %[[Y]]
  // CHECK: return %[[DX]]
  %y = nn.relu %x : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}
