// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @sizes(%x: tensor<?x5x4xf32>, %b: tensor<5xf32>) {
  // expected-error @+1 {{[add_c1] the shapes ?x5x4 and 5 do not go together}}
  %y = nn.add %x, %b : tensor<?x5x4xf32>, tensor<5xf32>
  return
}

// -----

// With a batch of 8 they would.
func.func @batch_meets_a_number(%x: tensor<?x5xf32>, %b: tensor<8x5xf32>) {
  // expected-error @+1 {{[add_c1] the shapes ?x5 and 8x5 do not go together}}
  %y = nn.add %x, %b : tensor<?x5xf32>, tensor<8x5xf32>
  return
}

// -----

func.func @element_types(%x: tensor<?x5xf32>, %b: tensor<5xf64>) {
  // expected-error @+1 {{[add_c1] operands are of 'f32' and of 'f64', expected one type}}
  %y = nn.add %x, %b : tensor<?x5xf32>, tensor<5xf64>
  return
}

// -----

func.func @fewer_dimensions(%x: tensor<?x5x1xf32>) {
  // expected-error @+1 {{[broadcast_c1] an input of ?x5x1 cannot be repeated to [5, 7]}}
  %y = nn.broadcast %x {shape = array<i64: 5, 7>} : tensor<?x5x1xf32>
  return
}

// -----

func.func @no_size(%x: tensor<5xf32>) {
  // expected-error @+1 {{[broadcast_c1] an input of 5 cannot be repeated to [0, 5]}}
  %y = nn.broadcast %x {shape = array<i64: 0, 5>} : tensor<5xf32>
  return
}

// -----

func.func @negative(%x: tensor<1xf32>) {
  // expected-error @+1 {{[broadcast_c1] an input of 1 cannot be repeated to [-1]}}
  %y = nn.broadcast %x {shape = array<i64: -1>} : tensor<1xf32>
  return
}

// -----

func.func @sum_to(%x: tensor<4x5xf32>) {
  // expected-error @+1 {{[sum_to_c1] [3] cannot be repeated to 4x5}}
  %y = nn.sum_to %x {shape = array<i64: 3>} : tensor<4x5xf32>
  return
}

// -----

func.func @repeated_sum(%x: tensor<?x16x4xf32>) {
  // expected-error @+1 {{[repeated_sum_c1] the input is ?x16x4, which is no operand's, repeated}}
  %y = nn.repeated_sum %x {axes = array<i64: 1>, rank = 2 : i64} : tensor<?x16x4xf32>
  return
}
