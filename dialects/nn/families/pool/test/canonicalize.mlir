// RUN: gradmill-opt %s -canonicalize | FileCheck %s

// A window of one pixel at every pixel changes nothing.
// CHECK-LABEL: func.func @one_pixel
func.func @one_pixel(%x: tensor<?x10x24x24xf32>) -> tensor<?x10x24x24xf32> {
  // CHECK-NEXT: return %arg0
  %a = nn.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x10x24x24xf32>
  %b = nn.avg_pool2d %a {kernel = array<i64: 1, 1>} : tensor<?x10x24x24xf32>
  return %b : tensor<?x10x24x24xf32>
}

// CHECK-LABEL: func.func @one_pixel_with_stride
func.func @one_pixel_with_stride(%x: tensor<?x10x24x24xf32>) -> tensor<?x10x12x12xf32> {
  // CHECK: nn.max_pool2d
  %a = nn.max_pool2d %x {kernel = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x10x24x24xf32>
  return %a : tensor<?x10x12x12xf32>
}

// CHECK-LABEL: func.func @whole_image
func.func @whole_image(%x: tensor<?x10x6x7xf32>) -> tensor<?x10x1x1xf32> {
  // CHECK-NEXT: nn.global_avg_pool %arg0
  %a = nn.avg_pool2d %x {kernel = array<i64: 6, 7>} : tensor<?x10x6x7xf32>
  // CHECK-NEXT: return
  %b = nn.global_avg_pool %a : tensor<?x10x1x1xf32>
  return %b : tensor<?x10x1x1xf32>
}

// Two windows, of which the second reaches beyond the image.
// CHECK-LABEL: func.func @padded_below
func.func @padded_below(%x: tensor<?x10x6x7xf32>) -> tensor<?x10x2x1xf32> {
  // CHECK-NEXT: nn.avg_pool2d
  %a = nn.avg_pool2d %x {kernel = array<i64: 6, 7>, padding = array<i64: 0, 0, 1, 0>, stride = array<i64: 1, 1>} : tensor<?x10x6x7xf32>
  return %a : tensor<?x10x2x1xf32>
}

// Windows of one size.
// CHECK-LABEL: func.func @adaptive_even
func.func @adaptive_even(%x: tensor<?x10x6x8xf32>) -> (tensor<?x10x3x2xf32>, tensor<?x10x1x1xf32>, tensor<?x10x6x8xf32>, tensor<?x10x4x8xf32>) {
  // CHECK: %[[A:.*]] = nn.avg_pool2d %arg0 {kernel = array<i64: 2, 4>}
  %a = nn.adaptive_avg_pool2d %x {output_size = array<i64: 3, 2>} : tensor<?x10x6x8xf32>
  // CHECK: %[[B:.*]] = nn.global_avg_pool %arg0
  %b = nn.adaptive_avg_pool2d %x {output_size = array<i64: 1, 1>} : tensor<?x10x6x8xf32>
  %c = nn.adaptive_avg_pool2d %x {output_size = array<i64: 6, 8>} : tensor<?x10x6x8xf32>
  // CHECK: %[[D:.*]] = nn.adaptive_avg_pool2d %arg0
  %d = nn.adaptive_avg_pool2d %x {output_size = array<i64: 4, 8>} : tensor<?x10x6x8xf32>
  // CHECK: return %[[A]], %[[B]], %arg0, %[[D]]
  return %a, %b, %c, %d : tensor<?x10x3x2xf32>, tensor<?x10x1x1xf32>, tensor<?x10x6x8xf32>, tensor<?x10x4x8xf32>
}
