// REQUIRES: plugin-written_linalg
// RUN: gradmill-opt %s --plugin=%plugins/gradmill-plugin-written_linalg.so --expand-linalg --assign-layouts | FileCheck %s
// RUN: gradmill-opt %s --plugin=%plugins/gradmill-plugin-written_linalg.so --expand-linalg --assign-layouts | gradmill-opt | FileCheck %s

// One element of everything: a formula. Constants are in it, wherever they stood.
// CHECK-LABEL: func.func @formula
func.func @formula(%x: tensor<16x4x5xf32>, %s: tensor<4xf32>) -> tensor<16x4x5xf32> attributes {nn.entry = "infer"} {
  // CHECK:      nn.linalg_formula %{{.*}}, %arg1 : tensor<16x4x5xf32, #nn.lanes<8>>, tensor<4xf32>
  // CHECK-SAME:     attributes {nn.source = "nn.written_linalg"}
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[S:.*]]: f32):
  // CHECK:      %[[P:.*]] = arith.mulf %[[X]], %[[S]]
  // CHECK:      %[[TWO:.*]] = arith.constant 2.0
  // CHECK:      %[[Q:.*]] = arith.addf %[[P]], %[[TWO]]
  // CHECK:      nn.yield %[[Q]] : f32
  %y = nn.written_linalg %x, %s : tensor<16x4x5xf32>, tensor<4xf32> {
  ^bb0(%a: tensor<16x4x5xf32>, %b: tensor<4xf32>):
    %two = arith.constant 2.0 : f32
    %r = linalg.generic {
        indexing_maps = [affine_map<(h, n, c) -> (n, c, h)>, affine_map<(h, n, c) -> (c)>, affine_map<(h, n, c) -> (n, c, h)>],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%a, %b : tensor<16x4x5xf32>, tensor<4xf32>) outs(%a : tensor<16x4x5xf32>) {
    ^bb0(%p: f32, %q: f32, %unused: f32):
      %0 = arith.mulf %p, %q : f32
      %1 = arith.addf %0, %two : f32
      linalg.yield %1 : f32
    } -> tensor<16x4x5xf32>
    nn.yield %r : tensor<16x4x5xf32>
  } : tensor<16x4x5xf32>
  return %y : tensor<16x4x5xf32>
}

// Everything else is a nest: the loops of the result first. What has images is in lanes, the rest dense.
// CHECK-LABEL: func.func @nest
func.func @nest(%x: tensor<16x3x9xf32>, %w: tensor<4x3x3xf32>) -> tensor<16x4x5xf32> attributes {nn.entry = "infer"} {
  // CHECK:      nn.linalg_nest %{{.*}}, %arg1 : tensor<16x3x9xf32, #nn.lanes<8>>, tensor<4x3x3xf32>
  // CHECK-SAME:     init = 0.000000e+00 : f32
  // CHECK-SAME:     padding = [0.000000e+00 : f32, unit]
  // CHECK-SAME:     reductions = array<i64: 3, 3>
  // CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32):
  // CHECK:      } : tensor<16x4x5xf32, #nn.lanes<8>>
  %y = nn.written_linalg %x, %w : tensor<16x3x9xf32>, tensor<4x3x3xf32> {
  ^bb0(%a: tensor<16x3x9xf32>, %b: tensor<4x3x3xf32>):
    %zero = arith.constant 0.0 : f32
    %pad = tensor.pad %a low[0, 0, 1] high[0, 0, 1] {
    ^bb0(%n: index, %c: index, %h: index):
      tensor.yield %zero : f32
    } : tensor<16x3x9xf32> to tensor<16x3x11xf32>
    %empty = tensor.empty() : tensor<16x4x5xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x4x5xf32>) -> tensor<16x4x5xf32>
    %r = linalg.conv_1d_ncw_fcw {strides = dense<2> : tensor<1xi64>}
        ins(%pad, %b : tensor<16x3x11xf32>, tensor<4x3x3xf32>) outs(%init : tensor<16x4x5xf32>) -> tensor<16x4x5xf32>
    nn.yield %r : tensor<16x4x5xf32>
  } : tensor<16x4x5xf32>
  return %y : tensor<16x4x5xf32>
}
