// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @softmax_rank(%x: tensor<32xf32>) {
  // expected-error @+1 {{[softmax_c1] input is 32, expected [N, C] or [N, C, H, W]}}
  %y = nn.softmax %x : tensor<32xf32>
  return
}

// -----

func.func @log_softmax_no_channel(%x: tensor<32x0xf32>) {
  // expected-error @+1 {{[softmax_c1] input is 32x0, expected [N, C] or [N, C, H, W]}}
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

func.func @nll_rank(%x: tensor<32x10x1x1xf32>, %labels: tensor<32xi32>) {
  // expected-error @+1 {{[nll_loss_c1] log_probs is 'tensor<32x10x1x1xf32>', expected [N, C] where only N may be dynamic}}
  %loss = nn.nll_loss %x, %labels : tensor<32x10x1x1xf32>, tensor<32xi32>
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
