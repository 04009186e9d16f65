// RUN: gradmill-opt --assign-layouts="vector-bytes=64 channels=false" --fuse-kernels --lower-kernels=machine=avx512 %s | FileCheck %s
// RUN: gradmill-opt --assign-layouts="vector-bytes=64 channels=false" --fuse-kernels --lower-kernels=machine=avx512 %s | grep -c memref.prefetch | FileCheck %s --check-prefix=COUNT

// A tile of a wide layer announces the channels of the next tile, inside of the loop over channels. All
// channels of the next pixels would be thousands of prefetches in a row.
// CHECK-LABEL: func.func @wide(
// CHECK:       scf.for {{.*}} step %c6
// CHECK-COUNT-24: memref.prefetch {{.*}} write, locality<3>
// CHECK-NOT:   memref.prefetch
// CHECK:       vector.fma

// A narrow layer announces its next pixels at once, before that loop.
// CHECK-LABEL: func.func @narrow(
// CHECK-COUNT-40: memref.prefetch {{.*}} write, locality<3>
// CHECK-NOT:   memref.prefetch
// CHECK:       scf.for
// CHECK:       vector.fma

// COUNT: {{^[0-9][0-9]$}}
func.func @wide(%x: tensor<16x8x4x4xf32>, %w: tensor<1020x8x1x1xf32>) -> tensor<16x1020x4x4xf32> attributes {nn.entry = "infer"} {
  %y = nn.conv2d %x, %w : tensor<16x8x4x4xf32>, tensor<1020x8x1x1xf32>
  return %y : tensor<16x1020x4x4xf32>
}

func.func @narrow(%x: tensor<16x64x4x4xf32>, %w: tensor<10x64x1x1xf32>) -> tensor<16x10x4x4xf32> attributes {nn.entry = "infer"} {
  %y = nn.conv2d %x, %w : tensor<16x64x4x4xf32>, tensor<10x64x1x1xf32>
  return %y : tensor<16x10x4x4xf32>
}
