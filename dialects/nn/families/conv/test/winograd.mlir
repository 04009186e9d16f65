// RUN: gradmill-opt --assign-layouts=channels=false --lower-kernels %s | FileCheck %s
// RUN: gradmill-opt --assign-layouts=channels=false --lower-kernels=exact-conv=true %s | FileCheck %s --check-prefix=EXACT

// Where 3x3 convolutions take Winograd's form by the cost model, and that it can be turned off.

// EXACT-NOT: schedule = "winograd

// Thirty-six products per sixteen pixels: one multiply-add by a transformed weight, for each of
// two tiles and four filters, in a loop over the input channels.
// CHECK-LABEL: func.func @forward(
// CHECK-SAME:  schedule = "winograd F(4x4,3x3), 2 tiles x 4 filters"
// CHECK:       %[[U:.*]] = memref.alloc() {{.*}} : memref<18432xf32>
// CHECK:       scf.forall
// CHECK:         arith.truncf %{{.*}} : f64 to f32
// CHECK:       scf.forall
// CHECK:         memref.prefetch %{{.*}}, write
// CHECK:         scf.for {{.*}} iter_args
// CHECK-COUNT-2:   memref.load %{{.*}} : memref<16x36x{{[0-9]+}}xvector<8xf32>>
// CHECK:           memref.load %[[U]]
// CHECK-COUNT-8:   vector.fma
// CHECK-NOT:       vector.fma
// CHECK:         scf.yield
func.func @forward(%x: tensor<128x16x10x10xf32>, %w: tensor<32x16x3x3xf32>) -> tensor<128x32x8x8xf32> attributes {nn.entry = "infer"} {
  %y = nn.conv2d %x, %w : tensor<128x16x10x10xf32>, tensor<32x16x3x3xf32>
  return %y : tensor<128x32x8x8xf32>
}

// CHECK-LABEL: func.func @backward_data(
// CHECK-SAME:  schedule = "winograd F(4x4,3x3), 2 tiles x 4 filters"
func.func @backward_data(%dy: tensor<128x16x8x8xf32>, %w: tensor<16x16x3x3xf32>) -> tensor<128x16x8x8xf32> attributes {nn.entry = "infer"} {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 8, 8>, padding = array<i64: 1, 1>} : tensor<128x16x8x8xf32>, tensor<16x16x3x3xf32>
  return %dx : tensor<128x16x8x8xf32>
}

// Two rows and columns that are left get tiles of F(2, 3) along their axis, with 4 of the 6 points
// and no filters of their own: 36 points' of 32 to 32.
// CHECK-LABEL: func.func @short_tiles(
// CHECK-SAME:  schedule = "winograd F(4x4,3x3), 2 tiles x 4 filters, short tiles at the end"
// CHECK:       memref.alloc() {{.*}} : memref<36864xf32>
// CHECK-NOT:   memref.alloc() {{.*}} : memref<{{[0-9]+}}xf32>
// CHECK:       return
func.func @short_tiles(%dy: tensor<128x32x24x24xf32>, %w: tensor<32x32x3x3xf32>) -> tensor<128x32x26x26xf32> attributes {nn.entry = "infer"} {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 26, 26>} : tensor<128x32x24x24xf32>, tensor<32x32x3x3xf32>
  return %dx : tensor<128x32x26x26xf32>
}

// What the direct kernel takes for pixels at a border, one by one, counts: the smaller tile.
// CHECK-LABEL: func.func @borders(
// CHECK-SAME:  schedule = "winograd F(2x2,3x3), 2 tiles x 4 filters"
func.func @borders(%x: tensor<128x16x6x6xf32>, %w: tensor<16x16x3x3xf32>) -> tensor<128x16x6x6xf32> attributes {nn.entry = "infer"} {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<128x16x6x6xf32>, tensor<16x16x3x3xf32>
  return %y : tensor<128x16x6x6xf32>
}

// The gradient of the weights, with the filters in the lanes: six channels, each broadcast
// from a lane, by two vectors of eight filters.
// CHECK-LABEL: func.func @backward_weights(
// CHECK-SAME:  schedule = "winograd F(3x3,4x4), 6 inputs x 2 vectors, 2 tiles a pass"
// CHECK:       memref.prefetch %{{.*}}, read
// CHECK:       scf.for {{.*}} iter_args
// CHECK:         scf.for {{.*}} iter_args
// CHECK-COUNT-2:   memref.load %{{.*}}vector<8xf32>>
// CHECK:           memref.load %{{.*}} : memref<{{[0-9x]*}}xf32>
// CHECK-NEXT:      vector.broadcast
// CHECK-COUNT-12:  vector.fma
// CHECK-NOT:       vector.fma
// CHECK:           scf.yield
func.func @backward_weights(%x: tensor<128x16x10x10xf32>, %dy: tensor<128x32x8x8xf32>) -> tensor<32x16x3x3xf32> attributes {nn.entry = "infer"} {
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>} : tensor<128x16x10x10xf32>, tensor<128x32x8x8xf32>
  return %dw : tensor<32x16x3x3xf32>
}

// The smaller tile where much of a larger one would stick out of the cotangent.
// CHECK-LABEL: func.func @small_weights(
// CHECK-SAME:  schedule = "winograd F(3x3,2x2), 6 inputs x 2 vectors, 9 tiles a pass"
func.func @small_weights(%x: tensor<128x16x8x8xf32>, %dy: tensor<128x16x6x6xf32>) -> tensor<16x16x3x3xf32> attributes {nn.entry = "infer"} {
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>} : tensor<128x16x8x8xf32>, tensor<128x16x6x6xf32>
  return %dw : tensor<16x16x3x3xf32>
}

// The larger tile pays in training, too, which is a function that updates the model; not
// where much of it would stick out of the image.
// CHECK-LABEL: func.func @small(
// CHECK-SAME:  schedule = "winograd F(2x2,3x3), 2 tiles x 4 filters"
func.func @small(%x: tensor<128x16x8x8xf32>) -> tensor<128x16x6x6xf32> attributes {nn.entry = "infer"} {
  %w = nn.parameter "w" : tensor<16x16x3x3xf32>
  %y = nn.conv2d %x, %w : tensor<128x16x8x8xf32>, tensor<16x16x3x3xf32>
  nn.assign "w", %w : tensor<16x16x3x3xf32>
  return %y : tensor<128x16x6x6xf32>
}

// CHECK-LABEL: func.func @inference(
// CHECK-SAME:  schedule = "winograd F(4x4,3x3), 2 tiles x 4 filters"
func.func @inference(%x: tensor<128x32x18x18xf32>, %w: tensor<16x32x3x3xf32>) -> tensor<128x16x16x16xf32> attributes {nn.entry = "infer"} {
  %y = nn.conv2d %x, %w : tensor<128x32x18x18xf32>, tensor<16x32x3x3xf32>
  return %y : tensor<128x16x16x16xf32>
}

// CHECK-LABEL: func.func @training(
// CHECK-SAME:  schedule = "winograd F(4x4,3x3), 2 tiles x 4 filters"
func.func @training(%x: tensor<128x32x18x18xf32>) -> tensor<128x16x16x16xf32> attributes {nn.entry = "infer"} {
  %w = nn.parameter "w" : tensor<16x32x3x3xf32>
  %y = nn.conv2d %x, %w : tensor<128x32x18x18xf32>, tensor<16x32x3x3xf32>
  nn.assign "w", %w : tensor<16x32x3x3xf32>
  return %y : tensor<128x16x16x16xf32>
}

// Sums over many channels: more filters at a time.
// CHECK-LABEL: func.func @wide_training(
// CHECK-SAME:  schedule = "winograd F(4x4,3x3), 2 tiles x 6 filters"
func.func @wide_training(%x: tensor<128x64x8x8xf32>) -> tensor<128x64x8x8xf32> attributes {nn.entry = "infer"} {
  %w = nn.parameter "w" : tensor<64x64x3x3xf32>
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<128x64x8x8xf32>, tensor<64x64x3x3xf32>
  nn.assign "w", %w : tensor<64x64x3x3xf32>
  return %y : tensor<128x64x8x8xf32>
}

// Not with one input channel, where the transforms cost more than they save; nor with a
// stride, with groups, or in double precision.
// CHECK-LABEL: func.func @direct(
// CHECK-NOT:   schedule = "winograd
func.func @direct(%x: tensor<128x1x12x12xf32>, %w1: tensor<16x1x3x3xf32>, %w: tensor<16x16x3x3xf32>, %w8: tensor<16x8x3x3xf32>) -> tensor<128x16x5x5xf32> attributes {nn.entry = "infer"} {
  %a = nn.conv2d %x, %w1 : tensor<128x1x12x12xf32>, tensor<16x1x3x3xf32>
  %b = nn.conv2d %a, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<128x16x10x10xf32>, tensor<16x16x3x3xf32>
  %c = nn.conv2d %b, %w8 {groups = 2 : i64, padding = array<i64: 1, 1>} : tensor<128x16x5x5xf32>, tensor<16x8x3x3xf32>
  %y = nn.conv2d %c, %w {dilation = array<i64: 2, 2>, padding = array<i64: 2, 2>} : tensor<128x16x5x5xf32>, tensor<16x16x3x3xf32>
  return %y : tensor<128x16x5x5xf32>
}

// CHECK-LABEL: func.func @double(
// CHECK-NOT:   schedule = "winograd
func.func @double(%x: tensor<128x16x8x8xf64>, %w: tensor<16x16x3x3xf64>) -> tensor<128x16x6x6xf64> attributes {nn.entry = "infer"} {
  %y = nn.conv2d %x, %w : tensor<128x16x8x8xf64>, tensor<16x16x3x3xf64>
  return %y : tensor<128x16x6x6xf64>
}
