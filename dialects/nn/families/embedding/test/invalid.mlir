// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @table(%i: tensor<?x5xi32>, %table: tensor<7xf32>) {
  // expected-error @+1 {{[embedding_c1] the table is 7, expected [V, D]}}
  %y = nn.embedding %i, %table : tensor<?x5xi32>, tensor<7xf32>
  return
}

// -----

func.func @dynamic_table(%i: tensor<?x5xi32>, %table: tensor<?x7xf32>) {
  // expected-error @+1 {{[embedding_c1] the table is ?x7, expected [V, D]}}
  %y = nn.embedding %i, %table : tensor<?x5xi32>, tensor<?x7xf32>
  return
}

// -----

func.func @no_rows(%i: tensor<?x5xi32>, %table: tensor<0x7xf32>) {
  // expected-error @+1 {{[embedding_c1] the table has 0 rows, expected 1 to 2^31 - 1}}
  %y = nn.embedding %i, %table : tensor<?x5xi32>, tensor<0x7xf32>
  return
}

// -----

func.func @indices(%i: tensor<4x?xi32>, %table: tensor<3x7xf32>) {
  // expected-error @+1 {{[embedding_c2] the indices are 4x?, expected [N, ...] where only N may be dynamic}}
  %y = nn.embedding %i, %table : tensor<4x?xi32>, tensor<3x7xf32>
  return
}

// -----

func.func @one_index(%i: tensor<i32>, %table: tensor<3x7xf32>) {
  // expected-error @+1 {{[embedding_c2] the indices are scalar, expected [N, ...] where only N may be dynamic}}
  %y = nn.embedding %i, %table : tensor<i32>, tensor<3x7xf32>
  return
}

// -----

func.func @cotangent(%i: tensor<?x5xi32>, %dy: tensor<?x4x7xf32>) {
  // expected-error @+1 {{[embedding_c3] the cotangent is ?x4x7, the indices are ?x5, expected them and D}}
  %d = nn.embedding_backward %dy, %i {rows = 3 : i64} : tensor<?x4x7xf32>, tensor<?x5xi32>
  return
}
