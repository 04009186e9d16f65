// REQUIRES: plugin-linalg
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-linalg.so --expand-ops --expand-linalg --assign-layouts --fuse-kernels %s | FileCheck %s

// Both ways: the formula joins the convolution's kernel, and ReLU and sums join the nest's.
// CHECK-LABEL: func.func @both_ways
// CHECK:      %{{.*}} = nn.fused {
// CHECK-NEXT:   %{{.*}} = nn.conv2d
// CHECK-NEXT:   %{{.*}} = nn.linalg_formula {{.*}} attributes {nn.source = "nn.linalg_prelu"}
// CHECK:        nn.yield %{{.*}} : tensor<16x3x4x4xf32, #nn.lanes<8>>
// CHECK-NEXT: } : tensor<16x3x4x4xf32, #nn.lanes<8>>
// CHECK-NEXT: %{{.*}} = nn.constant
// CHECK-NEXT: %{{.*}} = nn.fused {
// CHECK-NEXT:   %{{.*}} = nn.linalg_nest {{.*}}nn.source = "nn.blur_pool"
// CHECK:        %{{.*}} = nn.relu
// CHECK-NEXT:   %{{.*}} = nn.channel_sum
// CHECK-NEXT:   nn.yield
// CHECK-NEXT: } : tensor<16x3x2x2xf32, #nn.lanes<8>>, tensor<3xf32>
func.func @both_ways(%x: tensor<16x2x6x6xf32>, %w: tensor<3x2x3x3xf32>, %s: tensor<3xf32>) -> (tensor<16x3x2x2xf32>, tensor<3xf32>) attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w : tensor<16x2x6x6xf32>, tensor<3x2x3x3xf32>
  %p = nn.linalg_prelu %c, %s : tensor<16x3x4x4xf32>, tensor<3xf32>
  %b = nn.blur_pool %p : tensor<16x3x4x4xf32>
  %r = nn.relu %b : tensor<16x3x2x2xf32>
  %t = nn.channel_sum %r : tensor<16x3x2x2xf32>
  return %r, %t : tensor<16x3x2x2xf32>, tensor<3xf32>
}

// One image: a vector holds channels, and no conversion stands between.
// CHECK-LABEL: func.func @one_image
// CHECK:     %{{.*}} = nn.linalg_nest {{.*}} : tensor<1x8x4x4xf32, #nn.channels<8>>, tensor<3x3xf32>
// CHECK-NOT: nn.unpack
// CHECK:     %{{.*}} = nn.relu {{.*}} : tensor<1x8x2x2xf32, #nn.channels<8>>
func.func @one_image(%x: tensor<1x2x6x6xf32>, %w: tensor<8x2x3x3xf32>) -> tensor<1x8x2x2xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w : tensor<1x2x6x6xf32>, tensor<8x2x3x3xf32>
  %b = nn.blur_pool %c : tensor<1x8x4x4xf32>
  %r = nn.relu %b : tensor<1x8x2x2xf32>
  return %r : tensor<1x8x2x2xf32>
}
