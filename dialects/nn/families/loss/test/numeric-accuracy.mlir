// RUN: gradmill-numeric %s --batch=13 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=16 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --no-gradient | FileCheck %s

// Labels of 5 are outside of [0, 5): wrong.
// CHECK: ok top1:
func.func @top1(%x: tensor<?x5xf32>, %labels: tensor<?xi32> {nn.max = 6}) -> tensor<f32> {
  %a = nn.accuracy %x, %labels : tensor<?x5xf32>, tensor<?xi32>
  return %a : tensor<f32>
}

// CHECK: ok top3:
func.func @top3(%x: tensor<?x10xf64>, %labels: tensor<?xi32>) -> tensor<f64> {
  %a = nn.accuracy %x, %labels {k = 3 : i64} : tensor<?x10xf64>, tensor<?xi32>
  return %a : tensor<f64>
}

// Per pixel, with pixels left out.
// CHECK: ok pixels:
func.func @pixels(%x: tensor<?x3x4x5xf32>, %labels: tensor<?x4x5xi32> {nn.max = 4}) -> tensor<f32> {
  %a = nn.accuracy %x, %labels {ignore_index = 1} : tensor<?x3x4x5xf32>, tensor<?x4x5xi32>
  return %a : tensor<f32>
}

// All labels are 0 and left out.
// CHECK: ok all_ignored: forward 0.0e+00
func.func @all_ignored(%x: tensor<?x3xf32>, %labels: tensor<?xi32> {nn.max = 1}) -> tensor<f32> {
  %a = nn.accuracy %x, %labels {ignore_index = 0} : tensor<?x3xf32>, tensor<?xi32>
  return %a : tensor<f32>
}

// Ties, NaNs and infinities in every place. (Zero times %x: an argument has the batch.)
// CHECK: ok special: forward 0.0e+00
func.func @special(%x: tensor<64x3xf32>, %labels: tensor<64xi32> {nn.max = 4}) -> (tensor<f32>, tensor<f32>) {
  %c = nn.constant dense<[
      [1.0, 1.0, 1.0], [1.0, 1.0, 2.0], [1.0, 1.0, 0x7FC00000], [1.0, 1.0, 0x7F800000],
      [1.0, 2.0, 1.0], [1.0, 2.0, 2.0], [1.0, 2.0, 0x7FC00000], [1.0, 2.0, 0x7F800000],
      [1.0, 0x7FC00000, 1.0], [1.0, 0x7FC00000, 2.0], [1.0, 0x7FC00000, 0x7FC00000], [1.0, 0x7FC00000, 0x7F800000],
      [1.0, 0x7F800000, 1.0], [1.0, 0x7F800000, 2.0], [1.0, 0x7F800000, 0x7FC00000], [1.0, 0x7F800000, 0x7F800000],
      [2.0, 1.0, 1.0], [2.0, 1.0, 2.0], [2.0, 1.0, 0x7FC00000], [2.0, 1.0, 0x7F800000],
      [2.0, 2.0, 1.0], [2.0, 2.0, 2.0], [2.0, 2.0, 0x7FC00000], [2.0, 2.0, 0x7F800000],
      [2.0, 0x7FC00000, 1.0], [2.0, 0x7FC00000, 2.0], [2.0, 0x7FC00000, 0x7FC00000], [2.0, 0x7FC00000, 0x7F800000],
      [2.0, 0x7F800000, 1.0], [2.0, 0x7F800000, 2.0], [2.0, 0x7F800000, 0x7FC00000], [2.0, 0x7F800000, 0x7F800000],
      [0x7FC00000, 1.0, 1.0], [0x7FC00000, 1.0, 2.0], [0x7FC00000, 1.0, 0x7FC00000], [0x7FC00000, 1.0, 0x7F800000],
      [0x7FC00000, 2.0, 1.0], [0x7FC00000, 2.0, 2.0], [0x7FC00000, 2.0, 0x7FC00000], [0x7FC00000, 2.0, 0x7F800000],
      [0x7FC00000, 0x7FC00000, 1.0], [0x7FC00000, 0x7FC00000, 2.0], [0x7FC00000, 0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000, 0x7F800000],
      [0x7FC00000, 0x7F800000, 1.0], [0x7FC00000, 0x7F800000, 2.0], [0x7FC00000, 0x7F800000, 0x7FC00000], [0x7FC00000, 0x7F800000, 0x7F800000],
      [0x7F800000, 1.0, 1.0], [0x7F800000, 1.0, 2.0], [0x7F800000, 1.0, 0x7FC00000], [0x7F800000, 1.0, 0x7F800000],
      [0x7F800000, 2.0, 1.0], [0x7F800000, 2.0, 2.0], [0x7F800000, 2.0, 0x7FC00000], [0x7F800000, 2.0, 0x7F800000],
      [0x7F800000, 0x7FC00000, 1.0], [0x7F800000, 0x7FC00000, 2.0], [0x7F800000, 0x7FC00000, 0x7FC00000], [0x7F800000, 0x7FC00000, 0x7F800000],
      [0x7F800000, 0x7F800000, 1.0], [0x7F800000, 0x7F800000, 2.0], [0x7F800000, 0x7F800000, 0x7FC00000], [0x7F800000, 0x7F800000, 0x7F800000]]> : tensor<64x3xf32>
  %s = nn.weighted_sum %x, %c {weights = array<f64: 0.0, 1.0>} : tensor<64x3xf32>, tensor<64x3xf32>
  %a = nn.accuracy %s, %labels : tensor<64x3xf32>, tensor<64xi32>
  %b = nn.accuracy %s, %labels {k = 2 : i64} : tensor<64x3xf32>, tensor<64xi32>
  return %a, %b : tensor<f32>, tensor<f32>
}
