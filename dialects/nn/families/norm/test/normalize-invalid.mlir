// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @no_axis(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[normalize_c1] axes is empty, expected at least one}}
  %y = nn.normalize %x {axes = array<i64>} : tensor<?x5xf32>
  return
}

// -----

func.func @out_of_range(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[normalize_c1] axis is 2, but the tensor, ?x5, has 2 dimensions}}
  %y = nn.normalize %x {axes = array<i64: 2>} : tensor<?x5xf32>
  return
}

// -----

func.func @batch(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[normalize_c2] the op takes mean and variance over dimension 0 of ?x5, which is the batch}}
  %y = nn.normalize %x {axes = array<i64: 0>} : tensor<?x5xf32>
  return
}

// -----

func.func @eps(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[normalize_c3] eps is 0.000000e+00, expected a positive number}}
  %y = nn.normalize %x {axes = array<i64: 1>, eps = 0.0} : tensor<?x5xf32>
  return
}
