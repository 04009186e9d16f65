// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<32xf32>, %c: tensor<32xf32>) {
  // expected-error @+1 {{[batch_norm_c1] the input is 'tensor<32xf32>', expected [N, C, ...]}}
  %y = nn.batch_norm %x, %c, %c, %c, %c : tensor<32xf32>
  return
}

// -----

func.func @dynamic_channels(%x: tensor<32x?xf32>, %c: tensor<16xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{[batch_norm_c1] the input is 'tensor<32x?xf32>', expected [N, C, ...]}}
  %y = "nn.batch_norm"(%x, %c, %c, %c, %c) : (tensor<32x?xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<32x?xf32>
  return
}

// -----

func.func @channels(%x: tensor<32x16x4x4xf32>, %c: tensor<16xf32>, %d: tensor<8xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{[batch_norm_c2] a per-channel operand is 'tensor<8xf32>', expected 'tensor<16xf32>'}}
  %y = "nn.batch_norm"(%x, %c, %d, %c, %c) : (tensor<32x16x4x4xf32>, tensor<16xf32>, tensor<8xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<32x16x4x4xf32>
  return
}

// -----

func.func @element_type(%x: tensor<32x16xf32>, %c: tensor<16xf32>, %d: tensor<16xf64>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{[batch_norm_c2] a per-channel operand is 'tensor<16xf64>', expected 'tensor<16xf32>'}}
  %y = "nn.batch_norm"(%x, %c, %c, %c, %d) : (tensor<32x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf64>) -> tensor<32x16xf32>
  return
}

// -----

func.func @eps(%x: tensor<32x16xf32>, %c: tensor<16xf32>) {
  // expected-error @+1 {{[batch_norm_c3] eps is}}
  %y = nn.batch_norm %x, %c, %c, %c, %c {eps = 0.0} : tensor<32x16xf32>
  return
}

// -----

func.func @momentum(%x: tensor<32x16xf32>, %c: tensor<16xf32>) {
  // expected-error @+1 {{expected a positive eps and a momentum in [0, 1]}}
  %y = nn.batch_norm %x, %c, %c, %c, %c {momentum = 1.5} : tensor<32x16xf32>
  return
}

// -----

func.func @train(%x: tensor<32x16xf32>, %c: tensor<16xf32>, %d: tensor<8xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{[batch_norm_c2] a per-channel operand is 'tensor<8xf32>', expected 'tensor<16xf32>'}}
  %y:5 = "nn.batch_norm_train"(%x, %d, %c, %c, %c) {eps = 1.0e-5, momentum = 0.1} : (tensor<32x16xf32>, tensor<8xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> (tensor<32x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>)
  return
}

// -----

func.func @affine(%x: tensor<32x16xf32>, %d: tensor<8xf32>) {
  // expected-error @+1 {{[batch_norm_c2] a per-channel operand is 'tensor<8xf32>', expected 'tensor<16xf32>'}}
  %y = nn.channel_affine %x, %d, %d : tensor<32x16xf32>, tensor<8xf32>, tensor<8xf32>
  return
}

// -----

func.func @sums_of_two_shapes(%x: tensor<32x16x4x4xf32>, %dy: tensor<32x16x8x8xf32>, %c: tensor<16xf32>) {
  // expected-error @+1 {{[batch_norm_c4] the cotangent is 'tensor<32x16x8x8xf32>', the input 'tensor<32x16x4x4xf32>', expected one shape}}
  %w, %b = nn.batch_norm_backward_sums %dy, %x, %c, %c : tensor<32x16x8x8xf32>, tensor<32x16x4x4xf32>, tensor<16xf32>, tensor<16xf32>
  return
}

// -----

func.func @sum_of_two_shapes(%x: tensor<32x16x4x4xf32>, %y: tensor<32x16x2x2xf32>, %c: tensor<16xf32>) {
  // expected-error @+1 {{[pointwise_c1] an operand is 'tensor<32x16x2x2xf32>', expected the shape of the result, 'tensor<32x16x4x4xf32>'}}
  %z = nn.channel_combine %x, %y, %c, %c, %c, %c
      : tensor<32x16x4x4xf32>, tensor<32x16x2x2xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>
  return
}
