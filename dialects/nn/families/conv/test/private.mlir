// What a convolution of any kind reads from the kernel before it is memory of the thread,
// not of the whole batch, though it fetches rows ahead of their use.
// RUN: gradmill-opt --assign-layouts --fuse-kernels --lower-kernels --merge-tasks --privatize-buffers %s | FileCheck %s

// CHECK-LABEL: func.func @forward(
// CHECK-NOT:   memref.alloc{{.*}} memref<2x16x16x{{[34]}}xvector
// CHECK:       memref.alloc{{.*}} memref<1x16x16x3xvector<8xf32>>
// CHECK-NOT:   memref.alloc{{.*}} memref<2x16x16x{{[34]}}xvector
// CHECK:       return
func.func @forward(%x: tensor<16x3x16x16xf32>, %c: tensor<3xf32>, %w: tensor<5x3x3x3xf32>) -> tensor<16x5x8x8xf32> attributes {nn.entry = "infer"} {
  %a = nn.channel_affine %x, %c, %c : tensor<16x3x16x16xf32>, tensor<3xf32>, tensor<3xf32>
  %y = nn.conv2d %a, %w {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<16x3x16x16xf32>, tensor<5x3x3x3xf32>
  return %y : tensor<16x5x8x8xf32>
}

// CHECK-LABEL: func.func @backward(
// CHECK-NOT:   memref.alloc{{.*}} memref<2x{{8x8x16|16x16x4}}xvector
// CHECK-DAG:   memref.alloc{{.*}} memref<1x8x8x16xvector<8xf32>>
// CHECK-DAG:   memref.alloc{{.*}} memref<1x16x16x4xvector<8xf32>>
// CHECK-NOT:   memref.alloc{{.*}} memref<2x{{8x8x16|16x16x4}}xvector
// CHECK:       return
func.func @backward(%x: tensor<16x4x16x16xf32>, %dy: tensor<16x16x8x8xf32>, %c: tensor<4xf32>, %d: tensor<16xf32>, %w: tensor<16x4x3x3xf32>, %v: tensor<16x3x3x3xf32>, %z: tensor<16x3x16x16xf32>) -> (tensor<16x4x3x3xf32>, tensor<16x4x16x16xf32>, tensor<16x3x3x3xf32>) attributes {nn.entry = "infer"} {
  %a = nn.channel_affine %x, %c, %c : tensor<16x4x16x16xf32>, tensor<4xf32>, tensor<4xf32>
  %b = nn.channel_affine %dy, %d, %d : tensor<16x16x8x8xf32>, tensor<16xf32>, tensor<16xf32>
  %f = nn.conv2d_backward_weights %a, %b {kernel_size = array<i64: 3, 3>, stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<16x4x16x16xf32>, tensor<16x16x8x8xf32>
  %e = nn.conv2d_backward_data %b, %w {input_size = array<i64: 16, 16>, stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<16x16x8x8xf32>, tensor<16x4x3x3xf32>
  %g = nn.conv2d_backward_weights %z, %b {kernel_size = array<i64: 3, 3>, stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<16x3x16x16xf32>, tensor<16x16x8x8xf32>
  return %f, %e, %g : tensor<16x4x3x3xf32>, tensor<16x4x16x16xf32>, tensor<16x3x3x3xf32>
}
