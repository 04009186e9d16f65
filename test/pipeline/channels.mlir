// RUN: gradmill-opt --expand-ops --assign-layouts %s | FileCheck %s
// RUN: gradmill-opt --expand-ops --assign-layouts --split-prepare %s | FileCheck %s --check-prefix=SPLIT
// RUN: gradmill-opt --expand-ops --assign-layouts=vector-bytes=64 %s | FileCheck %s --check-prefix=WIDE

// One image: channels go into lanes. The dense image is read as it is; pools and formulas
// follow; softmax, which sums over channels, has no such form and gets a dense tensor.
// CHECK-LABEL: func.func @infer(
// CHECK:       %[[W:.*]] = nn.conv2d_pack_filter %{{.*}} {groups = 1 : i64, width = 8 : i64}
// CHECK:       %[[C:.*]] = nn.conv2d_channels %arg0, %[[W]] : tensor<1x1x14x14xf32>, tensor<2x5x5x1x8xf32> -> tensor<1x10x10x10xf32, #nn.channels<8>>
// CHECK:       nn.channel_affine %[[C]], {{.*}} : tensor<1x10x10x10xf32, #nn.channels<8>>
// CHECK:       nn.relu {{.*}} #nn.channels<8>
// CHECK:       nn.max_pool2d {{.*}} #nn.channels<8>
// CHECK:       %[[V:.*]] = nn.conv2d_pack_filter
// CHECK:       %[[D:.*]] = nn.conv2d_channels %{{.*}}, %[[V]] {{.*}}#nn.channels<8>>
// CHECK:       %[[U:.*]] = nn.unpack %[[D]]
// CHECK:       %[[L:.*]] = nn.pack %[[U]] {{.*}} -> tensor<1x3x5x5xf32, #nn.lanes<1>>
// CHECK:       nn.log_softmax %[[L]]
// WIDE:        nn.conv2d_channels {{.*}} #nn.channels<16>

// What depends on parameters alone is computed once.
// SPLIT-LABEL: func.func @infer(
// SPLIT-NOT:   nn.conv2d_pack_filter
// SPLIT-NOT:   nn.scale_shift
// SPLIT-NOT:   "w"
// SPLIT:       nn.parameter "infer.conv2d_pack_filter.{{[0-9]+}}" {role = "prepared"} : tensor<2x5x5x1x8xf32>
// SPLIT:       nn.parameter "infer.scale_shift.{{[0-9]+}}" {role = "prepared"} : tensor<10xf32>
// SPLIT:       return
// SPLIT-LABEL: func.func @prepare()
// SPLIT:       nn.conv2d_pack_filter
// SPLIT:       nn.scale_shift
// SPLIT:       nn.assign "infer.
func.func @infer(%x: tensor<1x1x14x14xf32>) -> tensor<1x3x5x5xf32> attributes {nn.entry = "infer"} {
  %w = nn.parameter "w" : tensor<10x1x5x5xf32>
  %v = nn.parameter "v" : tensor<3x10x1x1xf32>
  %g = nn.parameter "g" : tensor<10xf32>
  %c = nn.conv2d %x, %w : tensor<1x1x14x14xf32>, tensor<10x1x5x5xf32>
  %n = nn.batch_norm %c, %g, %g, %g, %g : tensor<1x10x10x10xf32>
  %r = nn.relu %n : tensor<1x10x10x10xf32>
  %p = nn.max_pool2d %r {kernel = array<i64: 2, 2>} : tensor<1x10x10x10xf32>
  %d = nn.conv2d %p, %v : tensor<1x10x5x5xf32>, tensor<3x10x1x1xf32>
  %s = nn.log_softmax %d : tensor<1x3x5x5xf32>
  return %s : tensor<1x3x5x5xf32>
}

// Wide enough for Winograd; a batch that 8 does not divide.
// CHECK-LABEL: func.func @twelve(
// CHECK:       nn.conv2d_channels_winograd_filter %{{.*}} {tile = 4 : i64, width = 8 : i64} : tensor<32x16x3x3xf32>
// CHECK:       nn.conv2d_channels_winograd {{.*}} -> tensor<12x32x24x24xf32, #nn.channels<8>>
func.func @twelve(%x: tensor<12x16x26x26xf32>, %w: tensor<32x16x3x3xf32>) -> tensor<12x32x24x24xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w : tensor<12x16x26x26xf32>, tensor<32x16x3x3xf32>
  return %c : tensor<12x32x24x24xf32>
}

// Groups: within a vector, across vectors, one channel each; and more of them than a
// vector could make up for.
// CHECK-LABEL: func.func @groups(
// CHECK:       nn.conv2d_pack_filter {{.*}} : tensor<6x2x3x3xf32>
// CHECK:       tensor<1x3x3x4x8xf32> -> tensor<1x6x3x3xf32, #nn.channels<8>>
// CHECK:       nn.conv2d_channels {{.*}}tensor<2x3x3x2x8xf32> -> tensor<1x16x3x3xf32, #nn.channels<8>>
// CHECK:       nn.pack %arg0 {{.*}} #nn.channels<8>>
// CHECK:       tensor<1x3x3x1x8xf32> -> tensor<1x4x3x3xf32, #nn.channels<8>>
func.func @groups(%x: tensor<1x4x5x5xf32>, %a: tensor<6x2x3x3xf32>, %b: tensor<16x2x3x3xf32>, %d: tensor<4x1x3x3xf32>)
    -> (tensor<1x6x3x3xf32>, tensor<1x16x3x3xf32>, tensor<1x4x3x3xf32>) attributes {nn.entry = "infer"} {
  %1 = nn.conv2d %x, %a {groups = 2 : i64} : tensor<1x4x5x5xf32>, tensor<6x2x3x3xf32>
  %2 = nn.conv2d %x, %b {groups = 2 : i64} : tensor<1x4x5x5xf32>, tensor<16x2x3x3xf32>
  %3 = nn.conv2d %x, %d {groups = 4 : i64} : tensor<1x4x5x5xf32>, tensor<4x1x3x3xf32>
  return %1, %2, %3 : tensor<1x6x3x3xf32>, tensor<1x16x3x3xf32>, tensor<1x4x3x3xf32>
}
// CHECK-LABEL: func.func @many_groups(
// CHECK-NOT:   channels
// CHECK:       nn.conv2d {{.*}} #nn.lanes<1>>
func.func @many_groups(%x: tensor<1x16x5x5xf32>, %w: tensor<32x1x3x3xf32>) -> tensor<1x32x3x3xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w {groups = 16 : i64} : tensor<1x16x5x5xf32>, tensor<32x1x3x3xf32>
  return %c : tensor<1x32x3x3xf32>
}

// A small training step keeps the batch in the lanes whatever its size.
// CHECK-LABEL: func.func @step(
// CHECK-NOT:   channels
// CHECK:       return
func.func @step(%x: tensor<2x1x5x5xf32>) -> tensor<2x2x3x3xf32> attributes {nn.entry = "infer"} {
  %w = nn.parameter "w" : tensor<2x1x3x3xf32>
  %c = nn.conv2d %x, %w : tensor<2x1x5x5xf32>, tensor<2x1x3x3xf32>
  nn.assign "w", %w : tensor<2x1x3x3xf32>
  return %c : tensor<2x2x3x3xf32>
}

// 8 divides the batch, and yet: Winograd's larger tiles cost less than what the last vector
// of channels leaves empty.
// CHECK-LABEL: func.func @whole_batch(
// CHECK:       nn.conv2d_channels_winograd {{.*}} -> tensor<16x32x24x24xf32, #nn.channels<8>>
// CHECK-NOT:   nn.lanes
// CHECK:       return
func.func @whole_batch(%x: tensor<16x16x26x26xf32>, %w: tensor<32x16x3x3xf32>) -> tensor<16x32x24x24xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w : tensor<16x16x26x26xf32>, tensor<32x16x3x3xf32>
  return %c : tensor<16x32x24x24xf32>
}

// Ten channels of sixteen, and no Winograd for 1x1: images in the lanes are cheaper.
// CHECK-LABEL: func.func @half_empty(
// CHECK:       nn.conv2d {{.*}} tensor<16x16x26x26xf32, #nn.lanes<8>>
// CHECK-NOT:   nn.channels
// CHECK:       return
func.func @half_empty(%x: tensor<16x16x26x26xf32>, %w: tensor<10x16x1x1xf32>) -> tensor<16x10x26x26xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w : tensor<16x16x26x26xf32>, tensor<10x16x1x1xf32>
  return %c : tensor<16x10x26x26xf32>
}

// A training step stays in lanes if its layers are narrow.
// CHECK-LABEL: func.func @whole_step(
// CHECK:       nn.conv2d {{.*}} tensor<16x16x26x26xf32, #nn.lanes<8>>
// CHECK-NOT:   nn.channels
// CHECK:       return
func.func @whole_step(%x: tensor<16x16x26x26xf32>, %dy: tensor<16x32x24x24xf32>) -> tensor<16x32x24x24xf32> attributes {nn.entry = "infer"} {
  %w = nn.parameter "w" : tensor<32x16x3x3xf32>
  %c = nn.conv2d %x, %w : tensor<16x16x26x26xf32>, tensor<32x16x3x3xf32>
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>} : tensor<16x16x26x26xf32>, tensor<16x32x24x24xf32>
  nn.assign "w", %dw : tensor<32x16x3x3xf32>
  return %c : tensor<16x32x24x24xf32>
}

// But a wide layer goes through the channels layout alone, there and back.
// CHECK-LABEL: func.func @wide_step(
// CHECK:       nn.conv2d_channels_winograd_filter {{.*}} {tile = 2 : i64, turned, width = 8 : i64} : tensor<256x512x3x3xf32>
// CHECK:       %[[C:.*]] = nn.conv2d_channels_winograd {{.*}} -> tensor<16x512x8x8xf32, #nn.channels<8>>
// CHECK-NOT:   nn.unpack
// CHECK:       %[[D:.*]] = nn.pack %[[C]] {{.*}} -> tensor<16x512x8x8xf32, #nn.lanes<8>>
// CHECK:       nn.conv2d_backward_weights {{.*}}#nn.lanes<8>>
// CHECK:       nn.unpack %[[D]]
func.func @wide_step(%x: tensor<16x512x8x8xf32>, %dy: tensor<16x256x8x8xf32>) -> tensor<16x512x8x8xf32> attributes {nn.entry = "infer"} {
  %w = nn.parameter "wide" : tensor<256x512x3x3xf32>
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 8, 8>, padding = array<i64: 1, 1>} : tensor<16x256x8x8xf32>, tensor<256x512x3x3xf32>
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, padding = array<i64: 1, 1>} : tensor<16x512x8x8xf32>, tensor<16x256x8x8xf32>
  nn.assign "wide", %dw : tensor<256x512x3x3xf32>
  return %dx : tensor<16x512x8x8xf32>
}

// A mask of bits has no form but lanes, nor has what reads one.
// CHECK-LABEL: func.func @mask(
// CHECK:       nn.conv2d_channels
// CHECK:       nn.dropout_backward {{.*}} tensor<3x8x9x9xf32, #nn.lanes<4>>, tensor<3x8x9x9xi1, #nn.lanes<4>>
func.func @mask(%x: tensor<3x8x9x9xf32>, %w: tensor<8x8x1x1xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<3x8x9x9xf32> attributes {nn.entry = "infer"} {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.3, stream = 0 : i64} : tensor<3x8x9x9xf32>
  %c = nn.conv2d %y, %w : tensor<3x8x9x9xf32>, tensor<8x8x1x1xf32>
  %d = nn.dropout_backward %c, %mask {p = 0.3} : tensor<3x8x9x9xf32>, tensor<3x8x9x9xi1>
  return %d : tensor<3x8x9x9xf32>
}
