// RUN: gradmill-opt %s | FileCheck %s
// What is inferred must be what the functions return: parsing is the test, and
// generic forms below show the types.
// RUN: gradmill-opt -mlir-print-op-generic %s | FileCheck %s --check-prefix=TYPE

// CHECK-LABEL: func.func @stride_is_kernel
// TYPE: "nn.max_pool2d"{{.*}} -> tensor<?x10x8x6xf32>
func.func @stride_is_kernel(%x: tensor<?x10x24x24xf32>) -> tensor<?x10x8x6xf32> {
  %y = nn.max_pool2d %x {kernel = array<i64: 3, 4>} : tensor<?x10x24x24xf32>
  return %y : tensor<?x10x8x6xf32>
}

// floor((11 - 2) / 2) + 1 = 5: the last row and column belong to no window.
// TYPE: "nn.max_pool2d"{{.*}} -> tensor<32x10x5x5xf32>
func.func @floor(%x: tensor<32x10x11x11xf32>) -> tensor<32x10x5x5xf32> {
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>} : tensor<32x10x11x11xf32>
  return %y : tensor<32x10x5x5xf32>
}

// floor((112 + 2*1 - 3) / 2) + 1 = 56: the first pool of a residual network.
// TYPE: "nn.max_pool2d"{{.*}} -> tensor<32x64x56x56xf32>
func.func @padded(%x: tensor<32x64x112x112xf32>) -> tensor<32x64x56x56xf32> {
  %y = nn.max_pool2d %x {kernel = array<i64: 3, 3>, stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<32x64x112x112xf32>
  return %y : tensor<32x64x56x56xf32>
}

// floor((10 - 3*(2-1) - 1) / 1) + 1 = 7
// TYPE: "nn.max_pool2d"{{.*}} -> tensor<32x1x7x9xf32>
func.func @dilated(%x: tensor<32x1x10x10xf32>) -> tensor<32x1x7x9xf32> {
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 1, 1>, dilation = array<i64: 3, 1>} : tensor<32x1x10x10xf32>
  return %y : tensor<32x1x7x9xf32>
}

// TYPE: "nn.avg_pool2d"{{.*}} -> tensor<32x1x6x5xf32>
func.func @average(%x: tensor<32x1x10x10xf32>) -> tensor<32x1x6x5xf32> {
  %y = nn.avg_pool2d %x {kernel = array<i64: 2, 2>, padding = array<i64: 1, 0>} : tensor<32x1x10x10xf32>
  return %y : tensor<32x1x6x5xf32>
}

// TYPE: "nn.global_avg_pool"{{.*}} -> tensor<?x16x1x1xf64>
func.func @global(%x: tensor<?x16x6x7xf64>) -> tensor<?x16x1x1xf64> {
  %y = nn.global_avg_pool %x : tensor<?x16x6x7xf64>
  return %y : tensor<?x16x1x1xf64>
}

// A layout stays with the tensor.
// TYPE: "nn.max_pool2d"{{.*}} -> tensor<32x10x12x12xf32, #nn.lanes<16>>
func.func @lanes(%x: tensor<32x10x24x24xf32, #nn.lanes<16>>) -> tensor<32x10x12x12xf32, #nn.lanes<16>> {
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>} : tensor<32x10x24x24xf32, #nn.lanes<16>>
  return %y : tensor<32x10x12x12xf32, #nn.lanes<16>>
}

// ceil((11 - 2) / 2) + 1 = 6: the last windows reach beyond the image.
// TYPE: "nn.max_pool2d"{{.*}} -> tensor<32x10x6x6xf32>
func.func @ceil(%x: tensor<32x10x11x11xf32>) -> tensor<32x10x6x6xf32> {
  %y = nn.max_pool2d %x {ceil_mode = true, kernel = array<i64: 2, 2>} : tensor<32x10x11x11xf32>
  return %y : tensor<32x10x6x6xf32>
}

// ceil((5 + 2*1 - 2) / 3) + 1 = 3, but the third window would begin at pixel 5, behind the
// image; ceil((2 - 3) / 2) + 1 = 1: the only window does not fit.
// TYPE: "nn.avg_pool2d"{{.*}} -> tensor<32x10x2x1xf32>
func.func @ceil_left_out(%x: tensor<32x10x5x2xf32>) -> tensor<32x10x2x1xf32> {
  %y = nn.avg_pool2d %x {ceil_mode = true, kernel = array<i64: 2, 3>, padding = array<i64: 1, 0>, stride = array<i64: 3, 2>} : tensor<32x10x5x2xf32>
  return %y : tensor<32x10x2x1xf32>
}

// floor((8 + 0 + 1 - 3) / 2) + 1 = 4, floor((7 + 1 + 0 - 3) / 2) + 1 = 3
// TYPE: "nn.max_pool2d"{{.*}} -> tensor<32x1x4x3xf32>
func.func @paddings(%x: tensor<32x1x8x7xf32>) -> tensor<32x1x4x3xf32> {
  %y = nn.max_pool2d %x {kernel = array<i64: 3, 3>, padding = array<i64: 0, 1, 1, 0>, stride = array<i64: 2, 2>} : tensor<32x1x8x7xf32>
  return %y : tensor<32x1x4x3xf32>
}

// More outputs than pixels, too.
// TYPE: "nn.adaptive_avg_pool2d"{{.*}} -> tensor<?x16x4x9xf64>
func.func @adaptive(%x: tensor<?x16x6x7xf64>) -> tensor<?x16x4x9xf64> {
  %y = nn.adaptive_avg_pool2d %x {output_size = array<i64: 4, 9>} : tensor<?x16x6x7xf64>
  return %y : tensor<?x16x4x9xf64>
}
