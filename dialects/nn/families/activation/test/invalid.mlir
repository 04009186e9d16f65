// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @element_type(%x: tensor<32x10xi32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of 32-bit float or 64-bit float values, but got 'tensor<32x10xi32>'}}
  %y = nn.relu %x : tensor<32x10xi32>
  return
}

// -----

func.func @types_differ(%dy: tensor<32x10xf32>, %y: tensor<32x11xf32>) {
  // expected-error @+1 {{requires all operands to have the same type}}
  %dx = "nn.relu_backward"(%dy, %y) : (tensor<32x10xf32>, tensor<32x11xf32>) -> tensor<32x10xf32>
  return
}

// -----

func.func @result(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[pointwise_c1] an operand is 'tensor<32x10xf32>', expected the shape of the result, 'tensor<32x11xf32>'}}
  %y = "nn.relu"(%x) : (tensor<32x10xf32>) -> tensor<32x11xf32>
  return
}

// -----

func.func @slope(%x: tensor<32x10xf32>) {
  // expected-error-re @+1 {{[leaky_relu_c1] negative_slope is {{.*}}, expected a finite number}}
  %y = nn.leaky_relu %x {negative_slope = 0x7FF0000000000000 : f64} : tensor<32x10xf32>
  return
}

// -----

func.func @alpha(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[elu_c1] alpha is nan, expected a finite number}}
  %y = nn.elu %x {alpha = 0x7FF8000000000000 : f64} : tensor<32x10xf32>
  return
}

// -----

func.func @approximate(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[gelu_c1] approximate is "sigmoid", expected "none" or "tanh"}}
  %y = nn.gelu %x {approximate = "sigmoid"} : tensor<32x10xf32>
  return
}

// -----

func.func @approximate_of_the_adjoint(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[gelu_c1] approximate is "", expected "none" or "tanh"}}
  %y = nn.gelu_backward %x, %x {approximate = ""} : tensor<32x10xf32>
  return
}

// -----

func.func @beta(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[softplus_c1] beta is 0}}
  %y = nn.softplus %x {beta = 0.0} : tensor<32x10xf32>
  return
}

// -----

func.func @threshold(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[softplus_c1] threshold is nan, expected a finite number}}
  %y = nn.softplus %x {threshold = 0x7FF8000000000000 : f64} : tensor<32x10xf32>
  return
}

// -----

func.func @weights(%x: tensor<32x10xf32>, %w: tensor<5xf32>) {
  // expected-error @+1 {{[prelu_c1] the input is 'tensor<32x10xf32>', the weight 'tensor<5xf32>', expected [N, C, ...] and [C] or [1]}}
  %y = nn.prelu %x, %w : tensor<32x10xf32>, tensor<5xf32>
  return
}

// -----

func.func @no_channels(%x: tensor<32xf32>, %w: tensor<1xf32>) {
  // expected-error @+1 {{[prelu_c1] the input is 'tensor<32xf32>', the weight 'tensor<1xf32>'}}
  %y = nn.prelu %x, %w : tensor<32xf32>, tensor<1xf32>
  return
}

// -----

func.func @weight_type(%x: tensor<32x10xf32>, %w: tensor<10xf64>) {
  // expected-error @+1 {{[prelu_c1] the input is 'tensor<32x10xf32>', the weight 'tensor<10xf64>'}}
  %y = nn.prelu %x, %w : tensor<32x10xf32>, tensor<10xf64>
  return
}
