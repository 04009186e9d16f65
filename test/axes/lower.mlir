// RUN: gradmill-opt --expand-ops --expand-linalg --assign-layouts --fuse-kernels %s | FileCheck %s

// A bias of channels joins the convolution: no sweep of its own.
// CHECK-LABEL: func.func @bias(
// CHECK:       nn.fused {
// CHECK:         nn.conv2d
// CHECK-NEXT:    nn.add %{{.*}}, %{{.*}} : tensor<32x8x6x6xf32, #nn.lanes<8>>, tensor<8x1x1xf32>
// CHECK-NEXT:    nn.yield
func.func @bias(%x: tensor<32x3x8x8xf32>) -> tensor<32x8x6x6xf32> attributes {nn.entry = "infer"} {
  %w = nn.parameter "w" : tensor<8x3x3x3xf32>
  %b = nn.parameter "b" : tensor<8x1x1xf32>
  %c = nn.conv2d %x, %w : tensor<32x3x8x8xf32>, tensor<8x3x3x3xf32>
  %y = nn.add %c, %b : tensor<32x8x6x6xf32>, tensor<8x1x1xf32>
  return %y : tensor<32x8x6x6xf32>
}

// What has a batch is read in lanes, what has none stays dense.
// CHECK-LABEL: func.func @sample(
// CHECK:       %[[G:.*]] = nn.pack %arg1 : tensor<32x3x1x1xf32> -> tensor<32x3x1x1xf32, #nn.lanes<8>>
// CHECK:       nn.add %{{.*}}, %[[G]] : tensor<32x3x8x8xf32, #nn.lanes<8>>, tensor<32x3x1x1xf32, #nn.lanes<8>>
// CHECK:       nn.add %{{.*}}, %{{.*}} : tensor<32x3x8x8xf32, #nn.lanes<8>>, tensor<8xf32>
func.func @sample(%x: tensor<32x3x8x8xf32>, %g: tensor<32x3x1x1xf32>) -> tensor<32x3x8x8xf32> attributes {nn.entry = "infer"} {
  %p = nn.parameter "p" : tensor<8xf32>
  %y = nn.add %x, %g : tensor<32x3x8x8xf32>, tensor<32x3x1x1xf32>
  %z = nn.add %y, %p : tensor<32x3x8x8xf32>, tensor<8xf32>
  return %z : tensor<32x3x8x8xf32>
}

// The gradient of a bias of channels is the sum that convolutions' kernels take along. Another sum has
// a kernel of its own; to few elements each sample is summed first.
// CHECK-LABEL: func.func @sums(
// CHECK:       nn.channel_sum %{{.*}} : tensor<32x3x8x8xf32, #nn.lanes<8>>
// CHECK:       %[[EACH:.*]] = nn.repeated_sum %{{.*}} {axes = array<i64: 1, 2>, rank = 4 : i64} : tensor<32x3x8x8xf32, #nn.lanes<8>>
// CHECK-NEXT:  nn.repeated_sum %[[EACH]] {axes = array<i64: 0, 1, 2>, rank = 1 : i64} : tensor<32x1x1x8xf32, #nn.lanes<8>>
// CHECK:       nn.repeated_sum %{{.*}} {axes = array<i64: 0, 1>, rank = 2 : i64} : tensor<32x3x8x8xf32, #nn.lanes<8>>
func.func @sums(%x: tensor<32x3x8x8xf32>) -> (tensor<3x1x1xf32>, tensor<8xf32>, tensor<8x8xf32>) attributes {nn.entry = "infer"} {
  %a = nn.sum_to %x {shape = array<i64: 3, 1, 1>} : tensor<32x3x8x8xf32>
  %b = nn.sum_to %x {shape = array<i64: 8>} : tensor<32x3x8x8xf32>
  %c = nn.sum_to %x {shape = array<i64: 8, 8>} : tensor<32x3x8x8xf32>
  return %a, %b, %c : tensor<3x1x1xf32>, tensor<8xf32>, tensor<8x8xf32>
}
