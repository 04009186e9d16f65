// REQUIRES: plugin-linalg
// RUN: gradmill-numeric --plugin=%plugins/gradmill-plugin-linalg.so %s --batch=16 | FileCheck %s
// RUN: gradmill-numeric --plugin=%plugins/gradmill-plugin-linalg.so %s --batch=13 | FileCheck %s
// RUN: gradmill-numeric --plugin=%plugins/gradmill-plugin-linalg.so %s --batch=13 --no-fuse | FileCheck %s

// CHECK: ok blur_pool: forward {{.*}} backward {{.*}} finite
func.func @blur_pool(%x: tensor<?x3x9x8xf64>) -> tensor<?x3x5x4xf64> {
  %y = nn.blur_pool %x : tensor<?x3x9x8xf64>
  return %y : tensor<?x3x5x4xf64>
}

// A stride that does not divide the filter, and pixels at the end that no window reads.
// CHECK: ok wide: forward {{.*}} backward {{.*}} finite
func.func @wide(%x: tensor<?x2x9x10xf64>) -> tensor<?x2x3x3xf64> {
  %y = nn.blur_pool %x {size = 4, stride = 3} : tensor<?x2x9x10xf64>
  return %y : tensor<?x2x3x3xf64>
}

// CHECK: ok seven_taps: forward {{.*}} backward {{.*}} finite
func.func @seven_taps(%x: tensor<?x1x6x7xf64>) -> tensor<?x1x6x7xf64> {
  %y = nn.blur_pool %x {size = 7, stride = 1} : tensor<?x1x6x7xf64>
  return %y : tensor<?x1x6x7xf64>
}

// CHECK: ok single_precision
func.func @single_precision(%x: tensor<?x9x9x8xf32>) -> tensor<?x9x5x4xf32> {
  %y = nn.blur_pool %x : tensor<?x9x9x8xf32>
  return %y : tensor<?x9x5x4xf32>
}

// CHECK: ok prelu: forward {{.*}} backward {{.*}} finite
func.func @prelu(%x: tensor<?x5x3x2xf64>, %s: tensor<5xf64>) -> tensor<?x5x3x2xf64> {
  %y = nn.linalg_prelu %x, %s : tensor<?x5x3x2xf64>, tensor<5xf64>
  return %y : tensor<?x5x3x2xf64>
}

// CHECK: ok prelu_f32
func.func @prelu_f32(%x: tensor<?x5xf32>, %s: tensor<5xf32>) -> tensor<?x5xf32> {
  %y = nn.linalg_prelu %x, %s : tensor<?x5xf32>, tensor<5xf32>
  return %y : tensor<?x5xf32>
}

// Behind a convolution, and before a formula.
// CHECK: ok fused: forward {{.*}} backward {{.*}} finite
func.func @fused(%x: tensor<?x2x9x8xf64>, %w: tensor<5x2x3x3xf64>, %s: tensor<5xf64>) -> tensor<?x5x4x3xf64> {
  %c = nn.conv2d %x, %w : tensor<?x2x9x8xf64>, tensor<5x2x3x3xf64>
  %p = nn.linalg_prelu %c, %s : tensor<?x5x7x6xf64>, tensor<5xf64>
  %y = nn.blur_pool %p : tensor<?x5x7x6xf64>
  %r = nn.linalg_prelu %y, %s : tensor<?x5x4x3xf64>, tensor<5xf64>
  return %r : tensor<?x5x4x3xf64>
}
