// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @certain(%x: tensor<32x10xf32>) {
  // expected-error-re @+1 {{[dropout_c1] p is {{.*}}, expected a probability in [0, 1)}}
  %y = nn.dropout %x {p = 1.0} : tensor<32x10xf32>
  return
}

// -----

func.func @negative(%x: tensor<32x10xf32>) {
  // expected-error-re @+1 {{[dropout_c1] p is {{.*}}, expected a probability in [0, 1)}}
  %y = nn.dropout %x {p = -0.1} : tensor<32x10xf32>
  return
}

// -----

func.func @not_a_number(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[dropout_c1] p is nan, expected a probability in [0, 1)}}
  %y = nn.dropout %x {p = 0x7FF8000000000000 : f64} : tensor<32x10xf32>
  return
}

// -----

func.func @rank(%x: tensor<32xf32>, %s: tensor<i64>) {
  // expected-error @+1 {{[dropout_c2] the input is 'tensor<32xf32>', expected [N, C, ...]}}
  %y, %mask = nn.dropout_train %x, %s, %s {p = 0.1, stream = 0 : i64} : tensor<32xf32>
  return
}

// -----

func.func @too_large(%x: tensor<65536x65537xf32>, %s: tensor<i64>) {
  // expected-error @+1 {{[dropout_c2] the input has more than 2^32 elements}}
  %y, %mask = nn.dropout_train %x, %s, %s {p = 0.1, stream = 0 : i64} : tensor<65536x65537xf32>
  return
}

// -----

func.func @probability_in_training(%x: tensor<32x4xf32>, %s: tensor<i64>) {
  // expected-error @+1 {{[dropout_c1] p is 1.000000e+00, expected a probability in [0, 1)}}
  %y, %mask = nn.dropout_train %x, %s, %s {p = 1.0, stream = 0 : i64} : tensor<32x4xf32>
  return
}
