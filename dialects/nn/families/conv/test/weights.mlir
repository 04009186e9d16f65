// RUN: gradmill-opt --assign-layouts=channels=false --lower-kernels %s | FileCheck %s

// Backward-weights: what is in the lanes. Where Winograd's form does not exist, filters are if
// they fill the vectors and there is enough to multiply; their kernel reads single elements of
// a copy of the input with its padding.
// CHECK-LABEL: func.func @filters(
// CHECK-SAME:  schedule = "6 inputs x 2 vectors, 4 rows a pass"
// CHECK:       memref.alloc() {{.*}} : memref<16x9x4352xf32>
// CHECK:       %[[X:.*]] = memref.load %{{.*}} : memref<16x9x4352xf32>
// CHECK-NEXT:  vector.broadcast %[[X]] : f32 to vector<8xf32>
func.func @filters(%x: tensor<128x32x16x16xf32>, %dy: tensor<128x64x8x8xf32>) -> tensor<64x32x3x3xf32> attributes {nn.entry = "infer"} {
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<128x32x16x16xf32>, tensor<128x64x8x8xf32>
  return %dw : tensor<64x32x3x3xf32>
}

// Ten filters would leave a third of two vectors empty.
// CHECK-LABEL: func.func @images(
// CHECK-SAME:  schedule = "2 (kw c) x 5 outputs, 1 row a pass"
func.func @images(%x: tensor<128x32x24x24xf32>, %dy: tensor<128x10x24x24xf32>) -> tensor<10x32x1x1xf32> attributes {nn.entry = "infer"} {
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 1, 1>} : tensor<128x32x24x24xf32>, tensor<128x10x24x24xf32>
  return %dw : tensor<10x32x1x1xf32>
}

// Groups have their own channels for each filter.
// CHECK-LABEL: func.func @groups(
// CHECK-SAME:  schedule = "3 inputs x 4 outputs, 2 rows a pass"
func.func @groups(%x: tensor<128x32x10x10xf32>, %dy: tensor<128x64x8x8xf32>) -> tensor<64x16x3x3xf32> attributes {nn.entry = "infer"} {
  %dw = nn.conv2d_backward_weights %x, %dy {groups = 2 : i64, kernel_size = array<i64: 3, 3>} : tensor<128x32x10x10xf32>, tensor<128x64x8x8xf32>
  return %dw : tensor<64x16x3x3xf32>
}

// Tasks for filters, where each task for images would have a copy of 9 MB: 32 panels x 32
// blocks of channels. Each sums over all images, so these tasks are no groups of images (nn.blocks).
// CHECK-LABEL: func.func @wide(
// CHECK-SAME:  schedule = "6 inputs x 2 vectors, cut by filters"
// CHECK:       scf.forall {{.*}} in (16)
// CHECK:       } {{.*}}nn.blocks = 16
// CHECK:       scf.forall {{.*}} in (1024)
// CHECK:       vector.fma
// CHECK-NOT:   nn.blocks
// CHECK:       return
func.func @wide(%x: tensor<128x512x4x4xf32>, %dy: tensor<128x512x4x4xf32>) -> tensor<512x512x3x3xf32> attributes {nn.entry = "infer"} {
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, padding = array<i64: 1, 1>} : tensor<128x512x4x4xf32>, tensor<128x512x4x4xf32>
  return %dw : tensor<512x512x3x3xf32>
}
