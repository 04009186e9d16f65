// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @name() {
  // expected-error @below {{[parameter_c1] a parameter has no name}}
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
