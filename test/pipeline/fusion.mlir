// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels %s | FileCheck %s

// One sweep: convolution, ReLU, and the statistics of what comes out.
// CHECK-LABEL: func.func @epilogue(
// CHECK:       nn.pack
// CHECK:       %[[F:.*]]:3 = nn.fused {
// CHECK-NEXT:    %[[C:.*]] = nn.conv2d
// CHECK-NEXT:    %[[R:.*]] = nn.relu %[[C]]
// CHECK-NEXT:    %[[MEAN:.*]], %[[RSTD:.*]], %{{.*}}, %{{.*}} = nn.batch_stats %[[R]]
// CHECK-NEXT:    nn.yield %[[R]], %[[MEAN]], %[[RSTD]]
// Normalizing needs the statistics of the whole batch: a second sweep.
// CHECK:       nn.scale_shift %[[F]]#1, %[[F]]#2
// CHECK-SAME:    {nn.unfused = "not fused: needs the finished result of 'batch_stats', a sum over the whole batch"}
// CHECK-NEXT:  nn.channel_affine %[[F]]#0
// CHECK-SAME:    {nn.unfused = "not fused: needs 'scale_shift' of the finished 'batch_stats'"}
func.func @epilogue(%x: tensor<16x3x6x6xf32>, %w: tensor<4x3x3x3xf32>, %c: tensor<4xf32>) -> tensor<16x4x4x4xf32> attributes {nn.entry = "infer"} {
  %a = nn.conv2d %x, %w : tensor<16x3x6x6xf32>, tensor<4x3x3x3xf32>
  %r = nn.relu %a : tensor<16x4x4x4xf32>
  %n:5 = nn.batch_norm_train %r, %c, %c, %c, %c {eps = 1.0e-5, momentum = 0.1} : tensor<16x4x4x4xf32>
  return %n#0 : tensor<16x4x4x4xf32>
}

// A kernel runs where its last op stood. Something else reads the convolution before that,
// so nothing may join.
// CHECK-LABEL: func.func @user_in_between(
// CHECK-NOT:   nn.fused {
// CHECK:       %[[C:.*]] = nn.conv2d
// CHECK-NEXT:  %[[P:.*]] = nn.global_avg_pool %[[C]]
// CHECK-NEXT:  nn.relu %[[C]] {nn.unfused = "not fused: 'global_avg_pool' reads 'conv2d' before it"}
// CHECK-NOT:   nn.fused
// CHECK:       return
func.func @user_in_between(%x: tensor<16x3x6x6xf32>, %w: tensor<4x3x3x3xf32>) -> (tensor<16x4x4x4xf32>, tensor<16x4x1x1xf32>) attributes {nn.entry = "infer"} {
  %a = nn.conv2d %x, %w : tensor<16x3x6x6xf32>, tensor<4x3x3x3xf32>
  %p = nn.global_avg_pool %a : tensor<16x4x4x4xf32>
  %r = nn.relu %a : tensor<16x4x4x4xf32>
  return %r, %p : tensor<16x4x4x4xf32>, tensor<16x4x1x1xf32>
}

// Read by the kernel and later outside: kept in registers and stored once.
// CHECK-LABEL: func.func @used_outside(
// CHECK:       %[[F:.*]]:2 = nn.fused {
// CHECK-NEXT:    %[[C:.*]] = nn.conv2d
// CHECK-NEXT:    %[[R:.*]] = nn.relu %[[C]]
// CHECK-NEXT:    nn.yield %[[C]], %[[R]]
// CHECK:       nn.max_pool2d %[[F]]#0
func.func @used_outside(%x: tensor<16x3x6x6xf32>, %w: tensor<4x3x3x3xf32>) -> (tensor<16x4x4x4xf32>, tensor<16x4x2x2xf32>) attributes {nn.entry = "infer"} {
  %a = nn.conv2d %x, %w : tensor<16x3x6x6xf32>, tensor<4x3x3x3xf32>
  %r = nn.relu %a : tensor<16x4x4x4xf32>
  %p = nn.max_pool2d %a {kernel = array<i64: 2, 2>} : tensor<16x4x4x4xf32>
  return %r, %p : tensor<16x4x4x4xf32>, tensor<16x4x2x2xf32>
}

// The sum joins the later of its producers: by then the other has run.
// CHECK-LABEL: func.func @two_producers(
// CHECK:       %[[Q:.*]] = nn.global_avg_pool
// CHECK:       nn.fused {
// CHECK-NEXT:    %[[P:.*]] = nn.global_avg_pool
// CHECK-NEXT:    %[[R:.*]] = nn.relu %[[P]]
// CHECK-NEXT:    %[[S:.*]] = nn.add %[[R]], %[[Q]]
// CHECK-NEXT:    nn.yield %[[S]]
func.func @two_producers(%x: tensor<16x3x6x6xf32>, %y: tensor<16x3x4x4xf32>) -> tensor<16x3x1x1xf32> attributes {nn.entry = "infer"} {
  %q = nn.global_avg_pool %y : tensor<16x3x4x4xf32>
  %p = nn.global_avg_pool %x : tensor<16x3x6x6xf32>
  %r = nn.relu %p : tensor<16x3x1x1xf32>
  %s = nn.add %r, %q : tensor<16x3x1x1xf32>
  return %s : tensor<16x3x1x1xf32>
}

// A formula beside the chain is computed in its sweep.
// CHECK-LABEL: func.func @two_chains(
// CHECK:       nn.conv2d
// CHECK-NEXT:  nn.fused {
// CHECK-NEXT:    %[[A:.*]] = nn.channel_affine
// CHECK-NEXT:    %[[B:.*]] = nn.channel_affine
// CHECK-NEXT:    %[[R:.*]] = nn.relu %[[B]]
// CHECK-NEXT:    nn.add %[[A]], %[[R]]
func.func @two_chains(%x: tensor<16x3x6x6xf32>, %y: tensor<16x3x6x6xf32>, %w: tensor<4x3x3x3xf32>, %c: tensor<3xf32>) -> (tensor<16x3x6x6xf32>, tensor<16x4x4x4xf32>) attributes {nn.entry = "infer"} {
  %a = nn.channel_affine %x, %c, %c : tensor<16x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %b = nn.channel_affine %y, %c, %c : tensor<16x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %r = nn.relu %b : tensor<16x3x6x6xf32>
  %d = nn.conv2d %x, %w : tensor<16x3x6x6xf32>, tensor<4x3x3x3xf32>
  %s = nn.add %a, %r : tensor<16x3x6x6xf32>
  return %s, %d : tensor<16x3x6x6xf32>, tensor<16x4x4x4xf32>
}

// Not where the chain's convolution reads it: that reads its neighbours, too.
// CHECK-LABEL: func.func @anchor_reads(
// CHECK:       %[[A:.*]] = nn.channel_affine
// CHECK-NEXT:  nn.fused {
// CHECK-NEXT:    %[[C:.*]] = nn.conv2d %[[A]]
// CHECK-NEXT:    nn.add %[[C]], %[[A]]
func.func @anchor_reads(%x: tensor<16x3x6x6xf32>, %w: tensor<3x3x3x3xf32>, %c: tensor<3xf32>) -> tensor<16x3x6x6xf32> attributes {nn.entry = "infer"} {
  %a = nn.channel_affine %x, %c, %c : tensor<16x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %d = nn.conv2d %a, %w {padding = array<i64: 1, 1>} : tensor<16x3x6x6xf32>, tensor<3x3x3x3xf32>
  %s = nn.add %d, %a : tensor<16x3x6x6xf32>
  return %s : tensor<16x3x6x6xf32>
}

// Nor where something else reads it before.
// CHECK-LABEL: func.func @read_before(
// CHECK:       %[[A:.*]] = nn.channel_affine
// CHECK-NEXT:  nn.max_pool2d %[[A]]
// CHECK-NEXT:  nn.pack %arg1
// CHECK-NEXT:  nn.fused {
// CHECK-NEXT:    %[[R:.*]] = nn.channel_affine
// CHECK-NEXT:    nn.add %[[A]], %[[R]]
func.func @read_before(%x: tensor<16x3x6x6xf32>, %y: tensor<16x3x6x6xf32>, %c: tensor<3xf32>) -> (tensor<16x3x6x6xf32>, tensor<16x3x3x3xf32>) attributes {nn.entry = "infer"} {
  %a = nn.channel_affine %x, %c, %c : tensor<16x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %p = nn.max_pool2d %a {kernel = array<i64: 2, 2>} : tensor<16x3x6x6xf32>
  %r = nn.channel_affine %y, %c, %c : tensor<16x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %s = nn.add %a, %r : tensor<16x3x6x6xf32>
  return %s, %p : tensor<16x3x6x6xf32>, tensor<16x3x3x3xf32>
}

// Formulas that only the gradient of a filter reads are computed by its kernel: of the cotangent,
// which it copies, always; of the input where the filter has one tap.
// CHECK-LABEL: func.func @prologue(
// CHECK:       nn.fused {
// CHECK-NEXT:    %[[S:.*]] = nn.channel_affine
// CHECK-NEXT:    %[[DY:.*]] = nn.relu_backward %[[S]]
// CHECK-NEXT:    %[[X:.*]] = nn.channel_affine
// CHECK-NEXT:    %[[W:.*]] = nn.conv2d_backward_weights %[[X]], %[[DY]]
// CHECK-NEXT:    nn.yield %[[W]]
func.func @prologue(%x: tensor<16x3x6x6xf32>, %dy: tensor<16x4x6x6xf32>, %y: tensor<16x4x6x6xf32>, %c: tensor<4xf32>, %k: tensor<3xf32>) -> tensor<4x3x1x1xf32> attributes {nn.entry = "infer"} {
  %r = nn.channel_affine %x, %k, %k : tensor<16x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %s = nn.channel_affine %dy, %c, %c : tensor<16x4x6x6xf32>, tensor<4xf32>, tensor<4xf32>
  %d = nn.relu_backward %s, %y : tensor<16x4x6x6xf32>
  %w = nn.conv2d_backward_weights %r, %d {kernel_size = array<i64: 1, 1>} : tensor<16x3x6x6xf32>, tensor<16x4x6x6xf32>
  return %w : tensor<4x3x1x1xf32>
}

// Each of nine taps reads the input: that is in memory. So is a cotangent that something else
// reads, and a formula that is computed behind another kernel in any case.
// CHECK-LABEL: func.func @read_often(
// CHECK:       %[[X:.*]] = nn.channel_affine
// CHECK:       nn.conv2d_backward_weights %[[X]], %{{.*}} {kernel_size
// CHECK:       %[[D:.*]] = nn.channel_affine
// CHECK:       nn.conv2d_backward_weights %{{.*}}, %[[D]] {kernel_size
// CHECK:       %[[F:.*]] = nn.fused {
// CHECK-NEXT:    nn.conv2d
// CHECK-NEXT:    nn.relu
// CHECK:       nn.conv2d_backward_weights %{{.*}}, %[[F]] {kernel_size
func.func @read_often(%x: tensor<16x3x6x6xf32>, %dy: tensor<16x4x4x4xf32>, %v: tensor<4x3x3x3xf32>, %c: tensor<4xf32>, %k: tensor<3xf32>) -> (tensor<4x3x3x3xf32>, tensor<4x3x3x3xf32>, tensor<16x4x4x4xf32>, tensor<4x3x3x3xf32>) attributes {nn.entry = "infer"} {
  %r = nn.channel_affine %x, %k, %k : tensor<16x3x6x6xf32>, tensor<3xf32>, tensor<3xf32>
  %a = nn.conv2d_backward_weights %r, %dy {kernel_size = array<i64: 3, 3>} : tensor<16x3x6x6xf32>, tensor<16x4x4x4xf32>
  %d = nn.channel_affine %dy, %c, %c : tensor<16x4x4x4xf32>, tensor<4xf32>, tensor<4xf32>
  %b = nn.conv2d_backward_weights %x, %d {kernel_size = array<i64: 3, 3>} : tensor<16x3x6x6xf32>, tensor<16x4x4x4xf32>
  %y = nn.conv2d %x, %v : tensor<16x3x6x6xf32>, tensor<4x3x3x3xf32>
  %z = nn.relu %y : tensor<16x4x4x4xf32>
  %e = nn.conv2d_backward_weights %x, %z {kernel_size = array<i64: 3, 3>} : tensor<16x3x6x6xf32>, tensor<16x4x4x4xf32>
  return %a, %b, %d, %e : tensor<4x3x3x3xf32>, tensor<4x3x3x3xf32>, tensor<16x4x4x4xf32>, tensor<4x3x3x3xf32>
}
