// REQUIRES: plugin-linalg
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-linalg.so -mlir-print-op-generic %s | FileCheck %s

// CHECK: "nn.blur_pool"{{.*}} -> tensor<?x3x13x12xf64>
func.func @odd_and_even(%x: tensor<?x3x25x24xf64>) -> tensor<?x3x13x12xf64> {
  %y = nn.blur_pool %x : tensor<?x3x25x24xf64>
  return %y : tensor<?x3x13x12xf64>
}

// Four taps: one pixel of padding on each side.
// CHECK: "nn.blur_pool"{{.*}} -> tensor<?x3x8x3xf32>
func.func @even_filter(%x: tensor<?x3x9x4xf32>) -> tensor<?x3x8x3xf32> {
  %y = nn.blur_pool %x {size = 4, stride = 1} : tensor<?x3x9x4xf32>
  return %y : tensor<?x3x8x3xf32>
}
