// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @name() {
  // expected-error @below {{[parameter_c1] the parameter's name is empty}}
  %a = nn.parameter "" : tensor<4xf32>
  return
}

// -----

func.func @role() {
  // expected-error @below {{[parameter_c2] role is "weight", expected "parameter", "buffer" or "optimizer"}}
  %a = nn.parameter "a" {role = "weight"} : tensor<4xf32>
  return
}

// -----

func.func @init() {
  // expected-error @below {{[parameter_c3] init is "xavier", expected "kaiming_uniform", "kaiming_normal", a number or dense<...>}}
  %a = nn.parameter "a" {init = "xavier"} : tensor<4x4xf32>
  return
}

// -----

func.func @values() {
  // expected-error @below {{[parameter_c3] init of "a" does not have its type 'tensor<4xf32>'}}
  %a = nn.parameter "a" {init = dense<1.0> : tensor<3xf32>} : tensor<4xf32>
  return
}

// -----

func.func @dynamic() {
  // expected-error @below {{[parameter_c4] "a" has a dynamic shape}}
  %a = nn.parameter "a" : tensor<?xf32>
  return
}

// -----

func.func @channel_sum(%x: tensor<4xf32>) {
  // expected-error @below {{[channel_sum_c1] the input has no channel dimension}}
  %s = nn.channel_sum %x : tensor<4xf32>
  return
}

// -----

func.func @sparse() {
  // expected-error @below {{[parameter_c3] init of "a" is neither a float such as 0.5, nor dense<...>, nor the name of a distribution}}
  %a = nn.parameter "a" {init = sparse<[[0]], [1.0]> : tensor<4xf32>} : tensor<4xf32>
  return
}

// -----

func.func @resource() {
  // expected-error @below {{[constant_c1] the value is not dense<...> of f32 or f64}}
  %a = nn.constant dense_resource<blob> : tensor<4xf32>
  return
}

// -----

func.func @integers() {
  // expected-error @below {{[constant_c1] the value is not dense<...> of f32 or f64}}
  %a = nn.constant dense<1> : tensor<4xi32>
  return
}

// -----

// No size overflows: neither of an operand, nor of what an op makes of one.

func.func @large_operand(%x: tensor<4194304x4194304xf32>) {
  // expected-error @below {{[tensor_size] a tensor is 4194304x4194304, expected at most 16 dimensions and 2^40 elements}}
  %y = nn.relu %x : tensor<4194304x4194304xf32>
  return
}

// -----

func.func @large_result(%x: tensor<4x4x1x1xf32>) {
  // expected-error @below {{[tensor_size] a tensor is 4x4x4194304x4194304}}
  %y = nn.global_avg_pool_backward %x {input_size = array<i64: 4194304, 4194304>} : tensor<4x4x1x1xf32>
  return
}

// -----

// What interfaces promise of shapes is checked for all ops that have them.

func.func @pointwise(%a: tensor<3xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{[pointwise_c1] an operand is 'tensor<3xf32>', expected the shape of the result, 'tensor<4xf32>'}}
  %s:2 = nn.scale_shift %b, %b, %b, %a : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<3xf32>
  return
}

// -----

func.func @mixed_types(%a: tensor<4xf64>, %b: tensor<4xf32>) {
  // expected-error @below {{[pointwise_c1] operands and results are of 'f64' and of 'f32', expected one type}}
  %s:2 = nn.scale_shift %b, %b, %b, %a : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf64>
  return
}
