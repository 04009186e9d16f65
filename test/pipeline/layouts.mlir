// RUN: gradmill-opt --assign-layouts %s | FileCheck %s
// RUN: gradmill-opt --assign-layouts=vector-bytes=64 %s | FileCheck %s --check-prefix=WIDE

// The batch goes into lanes, once per tensor; filters stay dense, and so do arguments and
// results: nn.pack and nn.unpack stand where the two meet.
// CHECK-LABEL: func.func @both_ends(
// CHECK:       %[[X:.*]] = nn.pack %arg0 : tensor<16x3x6x6xf32> -> tensor<16x3x6x6xf32, #nn.lanes<8>>
// CHECK:       %[[A:.*]] = nn.conv2d %[[X]], %{{.*}} : tensor<16x3x6x6xf32, #nn.lanes<8>>, tensor<3x3x1x1xf32>
// CHECK-NOT:   nn.pack
// CHECK:       %[[B:.*]] = nn.conv2d %[[X]],
// CHECK:       %[[S:.*]] = nn.add %[[A]], %[[B]] : tensor<16x3x6x6xf32, #nn.lanes<8>>
// CHECK:       %[[OUT:.*]] = nn.unpack %[[S]]
// CHECK:       return %[[OUT]]
// WIDE-LABEL:  func.func @both_ends(
// WIDE:        nn.pack %arg0 {{.*}} #nn.lanes<16>>
func.func @both_ends(%x: tensor<16x3x6x6xf32>, %w: tensor<3x3x1x1xf32>) -> tensor<16x3x6x6xf32> attributes {nn.entry = "infer"} {
  %a = nn.conv2d %x, %w : tensor<16x3x6x6xf32>, tensor<3x3x1x1xf32>
  %b = nn.conv2d %x, %w : tensor<16x3x6x6xf32>, tensor<3x3x1x1xf32>
  %s = nn.add %a, %b : tensor<16x3x6x6xf32>
  return %s : tensor<16x3x6x6xf32>
}

// The target's vectors, filled up; for less than half a vector the next power of two. Half
// as many doubles.
// CHECK-LABEL: func.func @three(
// CHECK:       #nn.lanes<4>
func.func @three(%x: tensor<3x4xf32>) -> tensor<3x4xf32> attributes {nn.entry = "infer"} {
  %y = nn.log_softmax %x : tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}
// A linear layer of a small batch has its outputs in the lanes.
// CHECK-LABEL: func.func @outputs(
// CHECK:       nn.linear_channels {{.*}} -> tensor<3x5xf32, #nn.channels<8>>
func.func @outputs(%x: tensor<3x4xf32>, %w: tensor<5x4xf32>) -> tensor<3x5xf32> attributes {nn.entry = "infer"} {
  %y = nn.linear %x, %w : tensor<3x4xf32>, tensor<5x4xf32>
  return %y : tensor<3x5xf32>
}
// CHECK-LABEL: func.func @thirteen(
// CHECK:       #nn.lanes<8>
func.func @thirteen(%x: tensor<13x4xf32>, %w: tensor<3x4xf32>) -> tensor<13x3xf32> attributes {nn.entry = "infer"} {
  %y = nn.linear %x, %w : tensor<13x4xf32>, tensor<3x4xf32>
  return %y : tensor<13x3xf32>
}
// CHECK-LABEL: func.func @doubles(
// CHECK:       #nn.lanes<4>
func.func @doubles(%x: tensor<16x4xf64>, %w: tensor<3x4xf64>) -> tensor<16x3xf64> attributes {nn.entry = "infer"} {
  %y = nn.linear %x, %w : tensor<16x4xf64>, tensor<3x4xf64>
  return %y : tensor<16x3xf64>
}

// Formulas follow their operands; updates of parameters stay dense.
// CHECK-LABEL: func.func @update(
// CHECK-NOT:   lanes
// CHECK:       return
func.func @update(%g: tensor<16x4xf32>, %lr: tensor<f32>) attributes {nn.entry = "infer"} {
  %p = nn.parameter "p" : tensor<16x4xf32>
  %n = nn.sgd %p, %g, %lr {weight_decay = 0.0} : tensor<16x4xf32>, tensor<f32>
  nn.assign "p", %n : tensor<16x4xf32>
  return
}

// A value per channel is only understood in lanes, wherever the elements come from.
// CHECK-LABEL: func.func @per_channel(
// CHECK:       %[[X:.*]] = nn.pack %arg0
// CHECK:       nn.channel_affine %[[X]], %arg1, %arg1 : tensor<16x4x3xf32, #nn.lanes<8>>
func.func @per_channel(%x: tensor<16x4x3xf32>, %c: tensor<4xf32>) -> tensor<16x4x3xf32> attributes {nn.entry = "infer"} {
  %y = nn.channel_affine %x, %c, %c : tensor<16x4x3xf32>, tensor<4xf32>, tensor<4xf32>
  return %y : tensor<16x4x3xf32>
}
