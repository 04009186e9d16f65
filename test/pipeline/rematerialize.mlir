// RUN: gradmill-opt --rematerialize %s | FileCheck %s

// %z, the normalized input of the second convolution, is needed for the filter's gradient
// behind a reduction. It is a formula of %y, which is alive there in any case: it is
// computed again, beside its use, and the kernel of the first use need not store it.
// CHECK-LABEL: func.func @again(
// CHECK:       %[[Y:.*]] = nn.conv2d %arg0
// CHECK:       %[[Z:.*]] = nn.channel_affine %[[Y]], %[[S:.*]], %[[H:.*]] :
// CHECK-NEXT:  nn.conv2d %[[Z]]
// CHECK:       nn.batch_stats
// CHECK-NEXT:  nn.channel_affine %arg3
// CHECK-NEXT:  %[[AGAIN:.*]] = nn.channel_affine %[[Y]], %[[S]], %[[H]] :
// CHECK-NEXT:  nn.conv2d_backward_weights %[[AGAIN]]
// CHECK:       nn.relu_backward %{{.*}}, %[[Y]]
func.func @again(%x: tensor<8x3x6x6xf32>, %w: tensor<3x3x1x1xf32>, %c: tensor<3xf32>, %dy: tensor<8x3x6x6xf32>) -> (tensor<3xf32>, tensor<3x3x1x1xf32>, tensor<8x3x6x6xf32>) attributes {nn.entry = "infer"} {
  %y = nn.conv2d %x, %w : tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
  %s:4 = nn.batch_stats %y, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %z = nn.channel_affine %y, %s#0, %s#1 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %u = nn.conv2d %z, %w : tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
  %t:4 = nn.batch_stats %u, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %e = nn.channel_affine %dy, %t#0, %t#0 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %dw = nn.conv2d_backward_weights %z, %e {kernel_size = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>
  %d = nn.relu_backward %dy, %y : tensor<8x3x6x6xf32>
  return %t#0, %dw, %d : tensor<3xf32>, tensor<3x3x1x1xf32>, tensor<8x3x6x6xf32>
}

// Nothing else needs %y behind the reduction: keeping it instead of %z would gain nothing.
// CHECK-LABEL: func.func @input_not_alive(
// CHECK:       %[[Z:.*]] = nn.channel_affine
// CHECK-NOT:   nn.channel_affine %{{[0-9]}}
// CHECK:       nn.conv2d_backward_weights %[[Z]]
func.func @input_not_alive(%x: tensor<8x3x6x6xf32>, %w: tensor<3x3x1x1xf32>, %c: tensor<3xf32>, %dy: tensor<8x3x6x6xf32>) -> (tensor<3xf32>, tensor<3x3x1x1xf32>) attributes {nn.entry = "infer"} {
  %y = nn.conv2d %x, %w : tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
  %s:4 = nn.batch_stats %y, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %z = nn.channel_affine %y, %s#0, %s#1 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %u = nn.conv2d %z, %w : tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
  %t:4 = nn.batch_stats %u, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %e = nn.channel_affine %dy, %t#0, %t#0 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %dw = nn.conv2d_backward_weights %z, %e {kernel_size = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>
  return %t#0, %dw : tensor<3xf32>, tensor<3x3x1x1xf32>
}

// Nothing waits for the reduction in between: the kernels can be merged, and the value stays
// in the cache.
// CHECK-LABEL: func.func @near(
// CHECK:       nn.channel_affine
// CHECK-NOT:   nn.channel_affine
// CHECK:       return
func.func @near(%y: tensor<8x3x6x6xf32>, %w: tensor<3x3x1x1xf32>, %c: tensor<3xf32>, %dy: tensor<8x3x6x6xf32>) -> (tensor<3xf32>, tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>) attributes {nn.entry = "infer"} {
  %z = nn.channel_affine %y, %c, %c : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %u = nn.conv2d %z, %w : tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
  %s = nn.channel_sum %u : tensor<8x3x6x6xf32>
  %dw = nn.conv2d_backward_weights %z, %dy {kernel_size = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>
  return %s, %u, %dw : tensor<3xf32>, tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
}

// Dropout behind the formula: the chain is computed again, the mask is not. Two uses in one
// stretch share a copy; one behind the next reduction gets its own.
// CHECK-LABEL: func.func @dropout(
// CHECK:       %[[D:.*]], %[[MASK:.*]] = nn.dropout_train
// CHECK:       nn.batch_stats
// CHECK-NEXT:  nn.channel_affine %arg3
// CHECK-NEXT:  %[[A1:.*]] = nn.channel_affine %arg0
// CHECK-NEXT:  %[[D1:.*]] = nn.dropout_backward %[[A1]], %[[MASK]] {p = 2.500000e-01 : f64}
// CHECK-NEXT:  nn.conv2d_backward_weights %[[D1]]
// CHECK-NEXT:  nn.conv2d_backward_weights %[[D1]]
// CHECK-NEXT:  nn.channel_sum
// CHECK-NEXT:  nn.channel_affine %arg3
// CHECK-NEXT:  %[[A2:.*]] = nn.channel_affine %arg0
// CHECK-NEXT:  %[[D2:.*]] = nn.dropout_backward %[[A2]], %[[MASK]]
// CHECK-NEXT:  nn.conv2d_backward_weights %[[D2]]
// CHECK-NOT:   nn.dropout_train
func.func @dropout(%y: tensor<8x3x6x6xf32>, %w: tensor<3x3x1x1xf32>, %c: tensor<3xf32>, %dy: tensor<8x3x6x6xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3x3x1x1xf32>, tensor<3x3x1x1xf32>, tensor<3x3x1x1xf32>) attributes {nn.entry = "infer"} {
  %z = nn.channel_affine %y, %c, %c : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %d, %mask = nn.dropout_train %z, %seed, %step {p = 0.25, stream = 0 : i64} : tensor<8x3x6x6xf32>
  %u = nn.conv2d %d, %w : tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
  %t:4 = nn.batch_stats %u, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %f = nn.channel_affine %dy, %t#0, %t#0 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %a = nn.conv2d_backward_weights %d, %f {kernel_size = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>
  %b = nn.conv2d_backward_weights %d, %u {kernel_size = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>
  %s = nn.channel_sum %f : tensor<8x3x6x6xf32>
  %g = nn.channel_affine %dy, %s, %s : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %e = nn.conv2d_backward_weights %d, %g {kernel_size = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>
  return %t#0, %s, %a, %b, %e : tensor<3xf32>, tensor<3xf32>, tensor<3x3x1x1xf32>, tensor<3x3x1x1xf32>, tensor<3x3x1x1xf32>
}

// A chain of sums: the last one would have to be computed from three values that nothing
// else reads there. It is kept, and read once.
// CHECK-LABEL: func.func @long_chain(
// CHECK:       %[[R:.*]] = nn.add %{{.*}}, %arg2
// CHECK:       nn.batch_stats
// CHECK-NEXT:  %[[E:.*]] = nn.channel_affine %arg4
// CHECK-NEXT:  nn.conv2d_backward_weights %[[R]], %[[E]]
func.func @long_chain(%a: tensor<8x3x6x6xf32>, %b: tensor<8x3x6x6xf32>, %d: tensor<8x3x6x6xf32>, %c: tensor<3xf32>, %dy: tensor<8x3x6x6xf32>, %w: tensor<3x3x1x1xf32>) -> tensor<3x3x1x1xf32> attributes {nn.entry = "infer"} {
  %s = nn.add %a, %b : tensor<8x3x6x6xf32>
  %r = nn.add %s, %d : tensor<8x3x6x6xf32>
  %u = nn.conv2d %r, %w : tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
  %t:4 = nn.batch_stats %u, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %e = nn.channel_affine %dy, %t#0, %t#1 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %f = nn.conv2d_backward_weights %r, %e {kernel_size = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>
  return %f : tensor<3x3x1x1xf32>
}

// One of two sources is read there in any case.
// CHECK-LABEL: func.func @short_chain(
// CHECK:       nn.batch_stats
// CHECK-NEXT:  nn.channel_affine %arg3
// CHECK-NEXT:  %[[R:.*]] = nn.add %arg0, %arg1
// CHECK-NEXT:  nn.conv2d_backward_weights %[[R]]
func.func @short_chain(%a: tensor<8x3x6x6xf32>, %b: tensor<8x3x6x6xf32>, %c: tensor<3xf32>, %dy: tensor<8x3x6x6xf32>, %w: tensor<3x3x1x1xf32>) -> (tensor<3x3x1x1xf32>, tensor<3x3x1x1xf32>) attributes {nn.entry = "infer"} {
  %r = nn.add %a, %b : tensor<8x3x6x6xf32>
  %u = nn.conv2d %r, %w : tensor<8x3x6x6xf32>, tensor<3x3x1x1xf32>
  %t:4 = nn.batch_stats %u, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<8x3x6x6xf32>
  %e = nn.channel_affine %dy, %t#0, %t#1 : tensor<8x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %f = nn.conv2d_backward_weights %r, %e {kernel_size = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>
  %g = nn.conv2d_backward_weights %a, %e {kernel_size = array<i64: 1, 1>} : tensor<8x3x6x6xf32>, tensor<8x3x6x6xf32>
  return %f, %g : tensor<3x3x1x1xf32>, tensor<3x3x1x1xf32>
}
