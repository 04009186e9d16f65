// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @max_pool2d
func.func @max_pool2d(%x: tensor<32x10x24x24xf32>) -> tensor<32x10x12x12xf32> {
  // CHECK: nn.max_pool2d %{{.*}} {kernel = array<i64: 2, 2>} : tensor<32x10x24x24xf32>
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>} : tensor<32x10x24x24xf32>
  return %y : tensor<32x10x12x12xf32>
}

// CHECK-LABEL: func.func @max_pool2d_all
func.func @max_pool2d_all(%x: tensor<32x10x24x25xf64>) -> tensor<32x10x12x8xf64> {
  // CHECK: nn.max_pool2d %{{.*}} {dilation = array<i64: 1, 2>, kernel = array<i64: 3, 3>, padding = array<i64: 1, 1>, stride = array<i64: 2, 3>}
  %y = nn.max_pool2d %x {kernel = array<i64: 3, 3>, stride = array<i64: 2, 3>, padding = array<i64: 1, 1>, dilation = array<i64: 1, 2>} : tensor<32x10x24x25xf64>
  return %y : tensor<32x10x12x8xf64>
}

// CHECK-LABEL: func.func @max_pool2d_backward
func.func @max_pool2d_backward(%dy: tensor<32x10x12x12xf32>, %x: tensor<32x10x24x24xf32>) -> tensor<32x10x24x24xf32> {
  // CHECK: nn.max_pool2d_backward %{{.*}}, %{{.*}} {kernel = array<i64: 2, 2>} : tensor<32x10x12x12xf32>, tensor<32x10x24x24xf32>
  %dx = nn.max_pool2d_backward %dy, %x {kernel = array<i64: 2, 2>} : tensor<32x10x12x12xf32>, tensor<32x10x24x24xf32>
  return %dx : tensor<32x10x24x24xf32>
}

// CHECK-LABEL: func.func @avg_pool2d
func.func @avg_pool2d(%x: tensor<?x10x9x9xf32>) -> tensor<?x10x5x5xf32> {
  // CHECK: nn.avg_pool2d %{{.*}} {count_include_pad = false, kernel = array<i64: 3, 3>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x10x9x9xf32>
  %y = nn.avg_pool2d %x {kernel = array<i64: 3, 3>, stride = array<i64: 2, 2>, padding = array<i64: 1, 1>, count_include_pad = false} : tensor<?x10x9x9xf32>
  return %y : tensor<?x10x5x5xf32>
}

// CHECK-LABEL: func.func @avg_pool2d_backward
func.func @avg_pool2d_backward(%dy: tensor<?x10x4x4xf32>) -> tensor<?x10x9x8xf32> {
  // CHECK: nn.avg_pool2d_backward %{{.*}} {input_size = array<i64: 9, 8>, kernel = array<i64: 2, 2>} : tensor<?x10x4x4xf32>
  %dx = nn.avg_pool2d_backward %dy {input_size = array<i64: 9, 8>, kernel = array<i64: 2, 2>} : tensor<?x10x4x4xf32>
  return %dx : tensor<?x10x9x8xf32>
}

// CHECK-LABEL: func.func @global_avg_pool
func.func @global_avg_pool(%x: tensor<?x16x6x7xf32>) -> tensor<?x16x6x7xf32> {
  // CHECK: nn.global_avg_pool %{{.*}} : tensor<?x16x6x7xf32>
  %y = nn.global_avg_pool %x : tensor<?x16x6x7xf32>
  // CHECK: nn.global_avg_pool_backward %{{.*}} {input_size = array<i64: 6, 7>} : tensor<?x16x1x1xf32>
  %dx = nn.global_avg_pool_backward %y {input_size = array<i64: 6, 7>} : tensor<?x16x1x1xf32>
  return %dx : tensor<?x16x6x7xf32>
}

// CHECK-LABEL: func.func @paddings
func.func @paddings(%x: tensor<?x10x9x9xf32>) -> tensor<?x10x5x5xf32> {
  // CHECK: nn.avg_pool2d %{{.*}} {ceil_mode = true, kernel = array<i64: 3, 3>, padding = array<i64: 1, 0, 1, 1>, stride = array<i64: 2, 2>} : tensor<?x10x9x9xf32>
  %y = nn.avg_pool2d %x {kernel = array<i64: 3, 3>, stride = array<i64: 2, 2>, padding = array<i64: 1, 0, 1, 1>, ceil_mode = true} : tensor<?x10x9x9xf32>
  return %y : tensor<?x10x5x5xf32>
}

// CHECK-LABEL: func.func @adaptive
func.func @adaptive(%x: tensor<?x16x13x7xf32>) -> tensor<?x16x13x7xf32> {
  // CHECK: nn.adaptive_avg_pool2d %{{.*}} {output_size = array<i64: 5, 3>} : tensor<?x16x13x7xf32>
  %y = nn.adaptive_avg_pool2d %x {output_size = array<i64: 5, 3>} : tensor<?x16x13x7xf32>
  // CHECK: nn.adaptive_avg_pool2d_backward %{{.*}} {input_size = array<i64: 13, 7>} : tensor<?x16x5x3xf32>
  %dx = nn.adaptive_avg_pool2d_backward %y {input_size = array<i64: 13, 7>} : tensor<?x16x5x3xf32>
  return %dx : tensor<?x16x13x7xf32>
}
