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
