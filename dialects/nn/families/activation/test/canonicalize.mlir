// RUN: gradmill-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @relu_twice
func.func @relu_twice(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK-NEXT: %[[Y:.*]] = nn.relu %arg0
  // CHECK-NEXT: return %[[Y]]
  %a = nn.relu %x : tensor<?x10xf32>
  %b = nn.relu %a : tensor<?x10xf32>
  return %b : tensor<?x10xf32>
}
