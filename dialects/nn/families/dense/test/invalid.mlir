// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @linear_rank(%x: tensor<32xf32>, %w: tensor<10x16xf32>) {
  // expected-error @+1 {{[linear_c1] operands are 32 and 10x16, expected [N, ..., I] and [O, I]}}
  %y = nn.linear %x, %w : tensor<32xf32>, tensor<10x16xf32>
  return
}

// -----

func.func @linear_weight_rank(%x: tensor<32x16xf32>, %w: tensor<10x16x1xf32>) {
  // expected-error @+1 {{[linear_c1] operands are 32x16 and 10x16x1, expected [N, ..., I] and [O, I]}}
  %y = nn.linear %x, %w : tensor<32x16xf32>, tensor<10x16x1xf32>
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
  // expected-error @+1 {{[linear_c5] the cotangent has the rows 31, the input 32}}
  %dw = nn.linear_backward_weights %x, %dy : tensor<32x16xf32>, tensor<31x10xf32>
  return
}

// -----

func.func @matmul_rank(%a: tensor<?x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{[matmul_c1] operands are 'tensor<?x16xf32>' and 'tensor<16xf32>', expected two dimensions or more and one element type}}
  %c = nn.matmul %a, %b : tensor<?x16xf32>, tensor<16xf32>
  return
}

// -----

func.func @matmul_sum(%a: tensor<?x4x16xf32>, %b: tensor<?x4x16xf32>) {
  // expected-error @+1 {{[matmul_c2] the sum is over 16 elements of the one and 4 of the other operand}}
  %c = nn.matmul %a, %b : tensor<?x4x16xf32>, tensor<?x4x16xf32>
  return
}

// -----

// The batch meets no number.
func.func @matmul_front(%a: tensor<?x4x16xf32>, %b: tensor<3x16x2xf32>) {
  // expected-error @+1 {{[matmul_c3] in front are ? and 3, expected the same sizes, or 1}}
  %c = nn.matmul %a, %b : tensor<?x4x16xf32>, tensor<3x16x2xf32>
  return
}

// -----

func.func @matmul_over_batch(%a: tensor<?x16xf32>, %b: tensor<?x4xf32>) {
  // expected-error @+1 {{[matmul_c4] the op sums over dimension 0 of ?x16, which is the batch: a sample's result must not depend on other samples}}
  %c = nn.matmul %a, %b {transpose_lhs = true} : tensor<?x16xf32>, tensor<?x4xf32>
  return
}

// -----

// Each sample with each.
func.func @matmul_pairs(%a: tensor<?x16xf32>) {
  // expected-error @+1 {{[matmul_c4] the result is ?x?, expected the batch as dimension 0 alone}}
  %c = nn.matmul %a, %a {transpose_rhs = true} : tensor<?x16xf32>, tensor<?x16xf32>
  return
}


// -----

func.func @packed_width(%w: tensor<10x16xf32>) {
  // expected-error @+1 {{[linear_c6] width is 0, expected 1 to 1024}}
  %p = nn.linear_pack_weight %w {width = 0 : i64} : tensor<10x16xf32>
  return
}

// -----

// 10 outputs are two vectors of 8, not one.
func.func @packed_for_other_outputs(%x: tensor<2x16xf32>, %p: tensor<1x16x8xf32>) {
  // expected-error @+1 {{[linear_c6] input, packed weight and output are 'tensor<2x16xf32>', 'tensor<1x16x8xf32>' and 'tensor<2x10xf32, #nn.channels<8>>', expected [N, I], [Opad/8, I, 8] and [N, O]}}
  %y = nn.linear_channels %x, %p : tensor<2x16xf32>, tensor<1x16x8xf32> -> tensor<2x10xf32, #nn.channels<8>>
  return
}
