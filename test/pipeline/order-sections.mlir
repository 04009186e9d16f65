// RUN: gradmill-opt --order-sections --split-input-file %s | FileCheck %s

// Both branches of a residual block read %x: the second one's convolution runs beside the
// first's, before the barrier for the first's norm.
// CHECK-LABEL: func.func @branches(
// CHECK:       nn.conv2d %arg0, %{{.*}} {padding
// CHECK-NEXT:  nn.batch_stats
// CHECK-NEXT:  nn.conv2d %arg0, %{{.*}} : tensor
// CHECK-NEXT:  nn.batch_stats
// CHECK-NEXT:  nn.channel_affine
// CHECK-NEXT:  nn.conv2d
// CHECK-NEXT:  nn.batch_stats
// CHECK-NEXT:  nn.channel_affine
// CHECK-NEXT:  nn.channel_affine
// CHECK-NEXT:  nn.add
func.func @branches(%x: tensor<8x3x6x6xf32>, %w: tensor<3x3x3x3xf32>, %v: tensor<3x3x1x1xf32>, %c: tensor<3xf32>) -> tensor<8x3x6x6xf32> attributes {nn.entry = "infer"} {
  %a = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<3x3x3x3xf32>
  %s:4 = nn.batch_stats %a, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %b = nn.channel_affine %a, %s#0, %s#1 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %d = nn.conv2d %b, %w {padding = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<3x3x3x3xf32>
  %t:4 = nn.batch_stats %d, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %e = nn.channel_affine %d, %t#0, %t#1 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %f = nn.conv2d %x, %v : tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
  %u:4 = nn.batch_stats %f, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %g = nn.channel_affine %f, %u#0, %u#1 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %h = nn.add %e, %g : tensor<8x3x6x6xf32>
  return %h : tensor<8x3x6x6xf32>
}

// -----

// The cotangent of the second branch is made where it is added, behind the first branch's
// barrier and what waits for it: in between, its input is half as large.
// CHECK-LABEL: func.func @cotangents(
// CHECK:       %[[A:.*]] = nn.conv2d_backward_data %arg0
// CHECK-NEXT:  nn.batch_norm_backward_sums %[[A]]
// CHECK-NEXT:  %[[B:.*]] = nn.channel_affine %[[A]]
// CHECK-NEXT:  %[[C:.*]] = nn.conv2d_backward_data %[[B]]
// CHECK-NEXT:  %[[D:.*]] = nn.conv2d_backward_data %arg0
// CHECK-NEXT:  nn.add %[[C]], %[[D]]
func.func @cotangents(%dy: tensor<8x3x6x6xf32>, %w: tensor<3x3x3x3xf32>, %v: tensor<3x6x1x1xf32>, %c: tensor<3xf32>) -> (tensor<8x6x6x6xf32>, tensor<3x6x1x1xf32>) attributes {nn.entry = "infer"} {
  %d = nn.conv2d_backward_data %dy, %v {input_size = array<i64: 6, 6>} : tensor<8x3x6x6xf32>, tensor<3x6x1x1xf32>
  %a = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>, padding = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<3x3x3x3xf32>
  %s:2 = nn.batch_norm_backward_sums %a, %a, %c, %c : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %b = nn.channel_affine %a, %s#0, %s#1 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %e = nn.conv2d_backward_data %b, %v {input_size = array<i64: 6, 6>} : tensor<8x3x6x6xf32>, tensor<3x6x1x1xf32>
  %f = nn.add %e, %d : tensor<8x6x6x6xf32>
  %g = nn.conv2d_backward_weights %f, %dy {kernel_size = array<i64: 1, 1>} : tensor<8x6x6x6xf32>, tensor<8x3x6x6xf32>
  return %f, %g : tensor<8x6x6x6xf32>, tensor<3x6x1x1xf32>
}

// -----

// A filter's gradient waits until its input is read in any case, and so does its cotangent,
// if that is made of something small.
// CHECK-LABEL: func.func @gradient(
// CHECK:       nn.batch_norm_backward_sums
// CHECK-NEXT:  nn.channel_affine
// CHECK-NEXT:  nn.conv2d_backward_data
// CHECK-NEXT:  %[[D:.*]] = nn.conv2d_backward_data %arg1
// CHECK-NEXT:  nn.conv2d_backward_weights %arg0, %[[D]] {kernel_size = array<i64: 1, 1>
// CHECK-NEXT:  nn.conv2d_backward_weights %arg0, %{{.*}} {kernel_size = array<i64: 3, 3>
func.func @gradient(%x: tensor<8x24x6x6xf32>, %y: tensor<8x3x6x6xf32>, %dy: tensor<8x3x6x6xf32>, %w: tensor<3x3x3x3xf32>, %c: tensor<3xf32>) -> (tensor<3x24x1x1xf32>, tensor<3x24x3x3xf32>) attributes {nn.entry = "infer"} {
  %r:2 = nn.batch_norm_backward_sums %dy, %y, %c, %c : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %d = nn.conv2d_backward_data %y, %w {input_size = array<i64: 6, 6>, padding = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<3x3x3x3xf32>
  %g = nn.conv2d_backward_weights %x, %d {kernel_size = array<i64: 1, 1>} : tensor<8x24x6x6xf32>, tensor<8x3x6x6xf32>
  %e = nn.channel_affine %dy, %r#0, %r#1 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %f = nn.conv2d_backward_data %e, %w {input_size = array<i64: 6, 6>, padding = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<3x3x3x3xf32>
  %h = nn.conv2d_backward_weights %x, %f {kernel_size = array<i64: 3, 3>, padding = array<i64: 1, 1>} : tensor<8x24x6x6xf32>, tensor<8x3x6x6xf32>
  return %g, %h : tensor<3x24x1x1xf32>, tensor<3x24x3x3xf32>
}
