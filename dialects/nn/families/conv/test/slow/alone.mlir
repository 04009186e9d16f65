// In a training step wide layers take this form alone, forward and backward-data, which reads turned filters: by
// Winograd, and direct where a cotangent is smaller than the filters reach.
// RUN: gradmill-numeric %s --batch=16 --samples=2 --cpu=avx2 | FileCheck %s
// RUN: gradmill-numeric %s --batch=5 --samples=2 | FileCheck %s

// CHECK: ok valid: forward {{.*}} backward
func.func @valid(%x: tensor<?x192x5x5xf32>, %w: tensor<130x192x3x3xf32>) -> tensor<?x130x3x3xf32> {
  %z = nn.conv2d %x, %w : tensor<?x192x5x5xf32>, tensor<130x192x3x3xf32>
  return %z : tensor<?x130x3x3xf32>
}

// CHECK: ok padded: forward {{.*}} backward
func.func @padded(%x: tensor<?x141x4x4xf32>, %w: tensor<200x141x3x3xf32>) -> tensor<?x200x4x4xf32> {
  %z = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<?x141x4x4xf32>, tensor<200x141x3x3xf32>
  return %z : tensor<?x200x4x4xf32>
}

// CHECK: ok other_taps:
func.func @other_taps(%x: tensor<?x130x6x4xf32>, %v: tensor<160x130x5x2xf32>) -> tensor<?x160x4x5xf32> {
  %y = nn.conv2d %x, %v {padding = array<i64: 1, 1>} : tensor<?x130x6x4xf32>, tensor<160x130x5x2xf32>
  return %y : tensor<?x160x4x5xf32>
}
