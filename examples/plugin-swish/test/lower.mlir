// REQUIRES: plugin-swish
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-swish.so --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// The formula joins the kernel of the convolution: one sweep, nothing in between.
// CHECK-LABEL: func.func @conv_swish
// CHECK:       vector.fma
// CHECK:       math.exp %{{.*}} : vector<8xf32>
// CHECK:       arith.divf %{{.*}} : vector<8xf32>
// CHECK:       memref.store %{{.*}} : memref<2x4x4x3xvector<8xf32>>
// CHECK-NOT:   = nn.
func.func @conv_swish(%x: tensor<16x2x6x6xf32>, %w: tensor<3x2x3x3xf32>) -> tensor<16x3x4x4xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w : tensor<16x2x6x6xf32>, tensor<3x2x3x3xf32>
  %y = nn.swish %c : tensor<16x3x4x4xf32>
  return %y : tensor<16x3x4x4xf32>
}
