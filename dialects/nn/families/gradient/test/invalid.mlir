// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @none() {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{[clip_factor_c1] there is no gradient}}
  %f = "nn.clip_factor"() {max = 1.0} : () -> tensor<f32>
  return
}

// -----

func.func @types(%a: tensor<4xf32>, %b: tensor<4xf64>) {
  // expected-error @+1 {{[clip_factor_c1] gradients are of 'f32' and of 'f64', expected one element type for all}}
  %f = nn.clip_factor %a, %b {max = 1.0} : tensor<4xf32>, tensor<4xf64>
  return
}

// -----

func.func @zero(%a: tensor<4xf32>) {
  // expected-error @+1 {{[clip_factor_c2] max is 0.000000e+00, expected a positive, finite number}}
  %f = nn.clip_factor %a {max = 0.0} : tensor<4xf32>
  return
}

// -----

func.func @infinite(%a: tensor<4xf32>) {
  // expected-error @+1 {{[clip_factor_c2] max is INF, expected a positive, finite number}}
  %f = nn.clip_factor %a {max = 0x7FF0000000000000 : f64} : tensor<4xf32>
  return
}

// -----

func.func @nan(%a: tensor<4xf32>) {
  // expected-error @+1 {{[clip_factor_c2] max is nan, expected a positive, finite number}}
  %f = nn.clip_factor %a {max = 0x7FF8000000000000 : f64} : tensor<4xf32>
  return
}

// -----

// The compiler's own: no file can hold them.
func.func @average(%a: tensor<4xf32>, %b: tensor<5xf32>, %t: tensor<i64>) {
  // expected-error @+1 {{all of {average, value} have same type}}
  %s = "nn.moving_average"(%a, %b, %t) {decay = 0.9} : (tensor<4xf32>, tensor<5xf32>, tensor<i64>) -> tensor<4xf32>
  return
}
