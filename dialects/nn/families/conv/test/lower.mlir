// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s
// RUN: gradmill-opt --expand-ops --assign-layouts=vector-bytes=64 --fuse-kernels --lower-kernels=machine=avx512 %s | FileCheck %s --check-prefix=WIDE

// The batch lies in the lanes: the image is packed to [N/8][H][W][C] of vectors of 8 images,
// accumulators stay in registers over the kernel's three loops, and the ReLU behind is
// applied before the only store.
// CHECK-LABEL: func.func @conv_relu(
// CHECK-SAME:    %{{[a-z0-9]+}}: memref<16x3x9x7xf32>, %[[W:[a-z0-9]+]]: memref<5x3x3x3xf32>, %{{[a-z0-9]+}}: memref<16x5x7x5xf32> {nn.name = "output", nn.output})
// CHECK:       %[[PACKED:.*]] = memref.alloc() {{.*}} : memref<2x9x7x3xvector<8xf32>>
// CHECK:       scf.forall
// CHECK:         vector.from_elements
// CHECK:         memref.store %{{.*}}, %[[PACKED]]
// CHECK:       scf.forall
// CHECK:         scf.for {{.*}} iter_args
// CHECK:           scf.for {{.*}} iter_args
// CHECK:             memref.load %{{.*}} : memref<2x9x21xvector<8xf32>>
// CHECK:               vector.fma %{{.*}} : vector<8xf32>
// CHECK:               scf.yield
// CHECK:         arith.cmpf olt, %{{.*}} : vector<8xf32>
// CHECK:         arith.select
// CHECK:         memref.store %{{.*}} : memref<2x7x5x5xvector<8xf32>>
// CHECK-NOT:   = nn.
// CHECK:       return

// WIDE-LABEL: func.func @conv_relu(
// WIDE:       memref<1x9x7x3xvector<16xf32>>
// WIDE:       vector.fma %{{.*}} : vector<16xf32>
func.func @conv_relu(%x: tensor<16x3x9x7xf32>, %w: tensor<5x3x3x3xf32>) -> tensor<16x5x7x5xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w : tensor<16x3x9x7xf32>, tensor<5x3x3x3xf32>
  %y = nn.relu %c : tensor<16x5x7x5xf32>
  return %y : tensor<16x5x7x5xf32>
}

// Both adjoints. The filter's cotangent is summed over images in lanes and parts of the
// batch, and the lanes once at the end.
// CHECK-LABEL: func.func @backward(
// CHECK:       vector.fma
// CHECK:       vector.extract %{{.*}}[0] : f32 from vector<8xf32>
// CHECK:       arith.addf %{{.*}} : f32
// CHECK-NOT:   = nn.
// CHECK:       return
func.func @backward(%x: tensor<16x3x6x6xf32>, %dy: tensor<16x4x4x4xf32>, %w: tensor<4x3x3x3xf32>) -> (tensor<16x3x6x6xf32>, tensor<4x3x3x3xf32>) attributes {nn.entry = "infer"} {
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>} : tensor<16x3x6x6xf32>, tensor<16x4x4x4xf32>
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>} : tensor<16x4x4x4xf32>, tensor<4x3x3x3xf32>
  return %dx, %dw : tensor<16x3x6x6xf32>, tensor<4x3x3x3xf32>
}
