// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @no_axis(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[reduce_c1] axes is empty, expected at least one}}
  %y = nn.reduce_sum %x {axes = array<i64>} : tensor<?x5xf32>
  return
}

// -----

func.func @out_of_range(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[reduce_c1] axis is 2, but the tensor, ?x5, has 2 dimensions}}
  %y = nn.reduce_max %x {axes = array<i64: 2>} : tensor<?x5xf32>
  return
}

// -----

func.func @far(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[reduce_c1] axis is -9223372036854775808, but the tensor, ?x5, has 2 dimensions}}
  %y = nn.reduce_max %x {axes = array<i64: -9223372036854775808>} : tensor<?x5xf32>
  return
}

// -----

func.func @twice(%x: tensor<?x5x2xf32>) {
  // expected-error @+1 {{[reduce_c1] axis -1 is named twice}}
  %y = nn.reduce_mean %x {axes = array<i64: 2, -1>} : tensor<?x5x2xf32>
  return
}

// -----

func.func @batch(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[reduce_c2] the op reduces dimension 0 of ?x5, which is the batch: a sample's result must not depend on other samples}}
  %y = nn.reduce_mean %x {axes = array<i64: 0>} : tensor<?x5xf32>
  return
}

// -----

func.func @backward(%dy: tensor<4x5xf32>) {
  // expected-error @+1 {{[reduce_c3] axes [3] of sizes [2] do not fit a cotangent of 4x5}}
  %y = nn.reduce_backward %dy {axes = array<i64: 3>, sizes = array<i64: 2>, keep_dims = false} : tensor<4x5xf32>
  return
}
