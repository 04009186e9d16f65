// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @linear_rank(%x: tensor<32x16x1xf32>, %w: tensor<10x16xf32>) {
  // expected-error @+1 {{[linear_c1] operands are 32x16x1 and 10x16, expected [N, I] and [O, I]}}
  %y = nn.linear %x, %w : tensor<32x16x1xf32>, tensor<10x16xf32>
  return
}

// -----

func.func @linear_dynamic(%x: tensor<32x16xf32>, %w: tensor<?x16xf32>) {
  // expected-error @+1 {{[linear_c1] only the batch dimension may be dynamic}}
  %y = nn.linear %x, %w : tensor<32x16xf32>, tensor<?x16xf32>
  return
}

// -----

func.func @linear_features(%x: tensor<32x16xf32>, %w: tensor<10x17xf32>) {
  // expected-error @+1 {{[linear_c2] input has 16 features, the weight expects 17}}
  %y = nn.linear %x, %w : tensor<32x16xf32>, tensor<10x17xf32>
  return
}

// -----

func.func @linear_bias(%x: tensor<32x16xf32>, %w: tensor<10x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{[linear_c3] bias is 'tensor<16xf32>', expected 'tensor<10xf32>'}}
  %y = nn.linear %x, %w bias %b : tensor<32x16xf32>, tensor<10x16xf32>, tensor<16xf32>
  return
}

// -----

func.func @linear_types(%x: tensor<32x16xf32>, %w: tensor<10x16xf64>) {
  // expected-error @+1 {{[linear_c4] operands differ in element type: 'f32' and 'f64'}}
  %y = nn.linear %x, %w : tensor<32x16xf32>, tensor<10x16xf64>
  return
}

// -----

func.func @linear_data_cotangent(%dy: tensor<32x9xf32>, %w: tensor<10x16xf32>) {
  // expected-error @+1 {{[linear_c5] the cotangent has 9 outputs, the weight 10}}
  %dx = nn.linear_backward_data %dy, %w : tensor<32x9xf32>, tensor<10x16xf32>
  return
}

// -----

func.func @linear_weights_cotangent(%dy: tensor<31x10xf32>, %x: tensor<32x16xf32>) {
  // expected-error @+1 {{[linear_c5] the cotangent has batch 31, the input 32}}
  %dw = nn.linear_backward_weights %x, %dy : tensor<32x16xf32>, tensor<31x10xf32>
  return
}
