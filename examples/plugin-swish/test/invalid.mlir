// REQUIRES: plugin-swish
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-swish.so %s -split-input-file -verify-diagnostics

func.func @infinite(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[swish_c1] beta is INF, expected a finite number}}
  %y = nn.swish %x {beta = 0x7FF0000000000000 : f64} : tensor<32x10xf32>
  return
}

// -----

func.func @backward_nan(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[swish_c1] beta is nan, expected a finite number}}
  %y = nn.swish_backward %x, %x {beta = 0x7FF8000000000000 : f64} : tensor<32x10xf32>
  return
}

// -----

func.func @element_type(%x: tensor<32x10xi32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of 32-bit float or 64-bit float values}}
  %y = nn.swish %x : tensor<32x10xi32>
  return
}

// -----

func.func @types_differ(%dy: tensor<32x10xf32>, %x: tensor<32x11xf32>) {
  // expected-error @+1 {{requires all operands to have the same type}}
  %dx = "nn.swish_backward"(%dy, %x) : (tensor<32x10xf32>, tensor<32x11xf32>) -> tensor<32x10xf32>
  return
}
