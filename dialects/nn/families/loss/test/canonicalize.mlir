// RUN: gradmill-opt %s -canonicalize | FileCheck %s

// Log-probabilities are normalized already.
// CHECK-LABEL: func.func @log_softmax_twice
func.func @log_softmax_twice(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK-NEXT: %[[Y:.*]] = nn.log_softmax %arg0
  // CHECK-NEXT: return %[[Y]]
  %a = nn.log_softmax %x : tensor<?x10xf32>
  %b = nn.log_softmax %a : tensor<?x10xf32>
  return %b : tensor<?x10xf32>
}

// CHECK-LABEL: func.func @softmax_of_log_softmax
func.func @softmax_of_log_softmax(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK-NEXT: %[[Y:.*]] = nn.softmax %arg0
  // CHECK-NEXT: return %[[Y]]
  %a = nn.log_softmax %x : tensor<?x10xf32>
  %b = nn.softmax %a : tensor<?x10xf32>
  return %b : tensor<?x10xf32>
}

// Probabilities, unlike logits, are no fixed point.
// CHECK-LABEL: func.func @softmax_twice
func.func @softmax_twice(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  // CHECK-COUNT-2: nn.softmax
  %a = nn.softmax %x : tensor<?x10xf32>
  %b = nn.softmax %a : tensor<?x10xf32>
  return %b : tensor<?x10xf32>
}

// Along another axis it is something else.
// CHECK-LABEL: func.func @two_axes
func.func @two_axes(%x: tensor<?x10x3xf32>) -> tensor<?x10x3xf32> {
  // CHECK-NEXT: nn.log_softmax %arg0
  // CHECK-NEXT: nn.softmax
  %a = nn.log_softmax %x : tensor<?x10x3xf32>
  %b = nn.softmax %a {axis = -1} : tensor<?x10x3xf32>
  return %b : tensor<?x10x3xf32>
}
