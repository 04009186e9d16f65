// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

// What an iteration reads is inside of the input, for every iteration and not only the first and the last.
func.func @outside(%x: tensor<16x3x4xf32>) -> tensor<16x3x4xf32> {
  // expected-error @+1 {{reads outside of the 4 elements of a dimension of input 0}}
  %y = nn.linalg_nest %x : tensor<16x3x4xf32> attributes {maps = [affine_map<(n, c, h) -> (n, c, h + 1)>], reductions = array<i64>} {
  ^bb0(%n: index, %c: index, %h: index, %v: f32):
    nn.yield %v : f32
  } : tensor<16x3x4xf32>
  return %y : tensor<16x3x4xf32>
}

// -----

func.func @in_between(%x: tensor<16x3x4xf32>) -> tensor<16x3x4xf32> {
  // expected-error @+1 {{reads outside of the 4 elements of a dimension of input 0}}
  %y = nn.linalg_nest %x : tensor<16x3x4xf32> attributes {maps = [affine_map<(n, c, h) -> (n, c, (h mod 3) * 2)>], reductions = array<i64>} {
  ^bb0(%n: index, %c: index, %h: index, %v: f32):
    nn.yield %v : f32
  } : tensor<16x3x4xf32>
  return %y : tensor<16x3x4xf32>
}

// -----

func.func @init(%x: tensor<16x3x4xf32>) -> tensor<16x3xf32> {
  // expected-error @+1 {{has an init that is no 'f32'}}
  %y = nn.linalg_nest %x : tensor<16x3x4xf32> attributes {init = 1 : i32, maps = [affine_map<(n, c, h) -> (n, c, h)>], reductions = array<i64: 4>} {
  ^bb0(%n: index, %c: index, %h: index, %v: f32, %s: f32):
    nn.yield %v : f32
  } : tensor<16x3xf32>
  return %y : tensor<16x3xf32>
}

// -----

func.func @reductions(%x: tensor<16x3x4xf32>) -> tensor<16x3xf32> {
  // expected-error @+1 {{has a reduction of fewer than 0 iterations}}
  %y = nn.linalg_nest %x : tensor<16x3x4xf32> attributes {init = 1.0 : f32, maps = [affine_map<(n, c, h) -> (n, c, h)>], reductions = array<i64: -4>} {
  ^bb0(%n: index, %c: index, %h: index, %v: f32, %s: f32):
    nn.yield %v : f32
  } : tensor<16x3xf32>
  return %y : tensor<16x3xf32>
}
