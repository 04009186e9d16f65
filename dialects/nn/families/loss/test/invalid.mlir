// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @softmax_rank(%x: tensor<32xf32>) {
  // expected-error @+1 {{[softmax_c1] input is 32, expected [N, C, ...]}}
  %y = nn.softmax %x : tensor<32xf32>
  return
}

// -----

func.func @log_softmax_no_channel(%x: tensor<32x0xf32>) {
  // expected-error @+1 {{[softmax_c1] input is 32x0, expected an element along axis 1}}
  %y = nn.log_softmax %x : tensor<32x0xf32>
  return
}

// -----

func.func @softmax_dynamic(%x: tensor<32x10x?x4xf32>) {
  // expected-error @+1 {{[softmax_c1] only the batch dimension may be dynamic}}
  %y = nn.softmax %x : tensor<32x10x?x4xf32>
  return
}

// -----

func.func @softmax_no_axis(%x: tensor<?x10xf32>) {
  // expected-error @+1 {{[softmax_c2] axis is 2, but the tensor, ?x10, has 2 dimensions}}
  %y = nn.softmax %x {axis = 2} : tensor<?x10xf32>
  return
}

// -----

func.func @softmax_batch(%x: tensor<?x10xf32>) {
  // expected-error @+1 {{[softmax_c2] axis is -2, dimension 0 of ?x10, which is the batch}}
  %y = nn.log_softmax %x {axis = -2} : tensor<?x10xf32>
  return
}

// -----

func.func @nll_rank(%x: tensor<32xf32>, %labels: tensor<32xi32>) {
  // expected-error @+1 {{[nll_loss_c1] log_probs is 'tensor<32xf32>', expected [N, C] or [N, C, H, W] where only N may be dynamic}}
  %loss = nn.nll_loss %x, %labels : tensor<32xf32>, tensor<32xi32>
  return
}

// -----

func.func @nll_labels(%x: tensor<32x10xf32>, %labels: tensor<16xi32>) {
  // expected-error @+1 {{[nll_loss_c2] labels is 'tensor<16xi32>', expected [32] of i32}}
  %loss = nn.nll_loss %x, %labels : tensor<32x10xf32>, tensor<16xi32>
  return
}

// -----

func.func @nll_cotangent(%dy: tensor<f64>, %x: tensor<32x10xf32>, %labels: tensor<32xi32>) {
  // expected-error @+1 {{[nll_loss_c3] the cotangent is 'tensor<f64>', expected 'tensor<f32>'}}
  %dx = nn.nll_loss_backward %dy, %labels, %x : tensor<f64>, tensor<32xi32>, tensor<32x10xf32>
  return
}

// -----

func.func @error_types(%y: tensor<32x10xf32>, %t: tensor<10xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{[error_c1] the prediction is 'tensor<32x10xf32>', the target 'tensor<10xf32>', expected one type}}
  %e = "nn.squared_error"(%y, %t) : (tensor<32x10xf32>, tensor<10xf32>) -> tensor<32x10xf32>
  return
}

// -----

func.func @huber_delta(%y: tensor<32x10xf32>) {
  // expected-error @+1 {{[huber_c1] delta is 0.000000e+00, expected a positive number}}
  %e = nn.huber %y, %y {delta = 0.0} : tensor<32x10xf32>
  return
}

// -----

func.func @bce_types(%x: tensor<32x10xf32>, %t: tensor<10xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{[bce_with_logits_c1] logits are 'tensor<32x10xf32>', targets 'tensor<10xf32>', expected one type}}
  %e = "nn.bce_with_logits"(%x, %t) : (tensor<32x10xf32>, tensor<10xf32>) -> tensor<32x10xf32>
  return
}

// -----

func.func @bce_weight(%x: tensor<32x10xf32>, %p: tensor<5xf32>) {
  // expected-error @+1 {{[bce_with_logits_c2] pos_weight is 'tensor<5xf32>', expected one number, or one per channel, of 'f32'}}
  %e = nn.bce_with_logits %x, %x pos_weight %p : tensor<32x10xf32>, tensor<5xf32>
  return
}

// -----

func.func @mean_rank(%x: tensor<f32>) {
  // expected-error @+1 {{[mean_c1] the input is 'tensor<f32>', expected [N, ...] where only N may be dynamic}}
  %m = nn.mean %x : tensor<f32>
  return
}

// -----

func.func @mean_backward_type(%d: tensor<f64>) {
  // expected-error @+1 {{[mean_c2] the cotangent is 'tensor<f64>', the result 'tensor<32x10xf32>', expected [N, ...] of the same element type}}
  %dx = nn.mean_backward %d : tensor<f64> -> tensor<32x10xf32>
  return
}

// -----

func.func @accuracy_scores(%x: tensor<32xf32>, %labels: tensor<32xi32>) {
  // expected-error @+1 {{[accuracy_c1] scores is 'tensor<32xf32>', expected [N, C] or [N, C, H, W] where only N may be dynamic}}
  %a = nn.accuracy %x, %labels : tensor<32xf32>, tensor<32xi32>
  return
}

// -----

func.func @accuracy_labels(%x: tensor<32x10x4x4xf32>, %labels: tensor<32xi32>) {
  // expected-error @+1 {{[accuracy_c2] labels is 'tensor<32xi32>', expected [32x4x4] of i32}}
  %a = nn.accuracy %x, %labels : tensor<32x10x4x4xf32>, tensor<32xi32>
  return
}

// -----

func.func @accuracy_k(%x: tensor<32x3xf32>, %labels: tensor<32xi32>) {
  // expected-error @+1 {{[accuracy_c3] k is 5, expected 1 to 3}}
  %a = nn.accuracy %x, %labels {k = 5 : i64} : tensor<32x3xf32>, tensor<32xi32>
  return
}

// -----

func.func @accuracy_ignored(%x: tensor<32x3xf32>, %labels: tensor<32xi32>) {
  // expected-error @+1 {{[accuracy_c4] ignore_index is 4294967296, expected a number that fits into i32}}
  %a = nn.accuracy %x, %labels {ignore_index = 4294967296 : i64} : tensor<32x3xf32>, tensor<32xi32>
  return
}

// -----

func.func @weights_count(%x: tensor<f32>) {
  // expected-error @+1 {{[weighted_sum_c1] 2 inputs have 1 weights, expected at least one input and a weight each}}
  %s = nn.weighted_sum %x, %x {weights = array<f64: 1.0>} : tensor<f32>, tensor<f32>
  return
}

// -----

func.func @weights_infinite(%x: tensor<f32>) {
  // expected-error @+1 {{[weighted_sum_c2] a weight is}}
  %s = nn.weighted_sum %x {weights = array<f64: 0x7FF0000000000000>} : tensor<f32>
  return
}

// -----

func.func @nll_pixels(%x: tensor<32x10x4x5xf32>, %labels: tensor<32x5x4xi32>) {
  // expected-error @+1 {{[nll_loss_c2] labels is 'tensor<32x5x4xi32>', expected [32x4x5] of i32}}
  %loss = nn.nll_loss %x, %labels : tensor<32x10x4x5xf32>, tensor<32x5x4xi32>
  return
}

// -----

func.func @nll_weights(%x: tensor<32x10xf32>, %labels: tensor<32xi32>, %w: tensor<9xf32>) {
  // expected-error @+1 {{[nll_loss_c4] the weights are 'tensor<9xf32>', expected 'tensor<10xf32>'}}
  %loss = nn.nll_loss %x, %labels weights %w : tensor<32x10xf32>, tensor<32xi32>, tensor<9xf32>
  return
}

// -----

func.func @nll_smoothing(%x: tensor<32x10xf32>, %labels: tensor<32xi32>) {
  // expected-error @+1 {{[nll_loss_c5] label_smoothing is 1.500000e+00, expected 0 to 1}}
  %loss = nn.nll_loss %x, %labels {label_smoothing = 1.5} : tensor<32x10xf32>, tensor<32xi32>
  return
}

// -----

func.func @nll_ignored(%x: tensor<32x10xf32>, %labels: tensor<32xi32>) {
  // expected-error @+1 {{[nll_loss_c6] ignore_index is -4294967296, expected a number that fits into i32}}
  %loss = nn.nll_loss %x, %labels {ignore_index = -4294967296} : tensor<32x10xf32>, tensor<32xi32>
  return
}

// -----

func.func @softmax_without_batch(%w: tensor<4x10xf32>) {
  // expected-error @+1 {{[softmax_c2] axis is 0, dimension 0 of 4x10, which the op leaves to the batch}}
  %y = nn.softmax %w {axis = 0} : tensor<4x10xf32>
  return
}
