// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @sub(%x: tensor<?x5xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{[sub_c1] the shapes ?x5 and 4 do not go together}}
  %z = nn.sub %x, %y : tensor<?x5xf32>, tensor<4xf32>
  return
}

// -----

func.func @mul(%x: tensor<?x5xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{[mul_c1] the shapes ?x5 and 4 do not go together}}
  %z = nn.mul %x, %y : tensor<?x5xf32>, tensor<4xf32>
  return
}

// -----

func.func @div(%x: tensor<?x5xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{[div_c1] the shapes ?x5 and 4 do not go together}}
  %z = nn.div %x, %y : tensor<?x5xf32>, tensor<4xf32>
  return
}

// -----

func.func @minimum(%x: tensor<?x5xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{[minimum_c1] the shapes ?x5 and 4 do not go together}}
  %z = nn.minimum %x, %y : tensor<?x5xf32>, tensor<4xf32>
  return
}

// -----

func.func @maximum(%x: tensor<?x5xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{[maximum_c1] the shapes ?x5 and 4 do not go together}}
  %z = nn.maximum %x, %y : tensor<?x5xf32>, tensor<4xf32>
  return
}

// -----

func.func @pow(%x: tensor<?x5xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{[pow_c1] the shapes ?x5 and 4 do not go together}}
  %z = nn.pow %x, %y : tensor<?x5xf32>, tensor<4xf32>
  return
}

// -----

func.func @compare(%x: tensor<?x5xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{[compare_c1] the shapes ?x5 and 4 do not go together}}
  %z = nn.compare %x, %y {predicate = "lt"} : tensor<?x5xf32>, tensor<4xf32>
  return
}

// -----

func.func @predicate(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[compare_c2] predicate is "less", expected "eq", "ne", "lt", "le", "gt" or "ge"}}
  %z = nn.compare %x, %x {predicate = "less"} : tensor<?x5xf32>
  return
}

// -----

func.func @where(%x: tensor<?x5xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{[where_c1] the shapes ?x5 and 4 do not go together}}
  %z = nn.where %x, %x, %y : tensor<?x5xf32>, tensor<?x5xf32>, tensor<4xf32>
  return
}

// -----

func.func @clamp(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[clamp_c1] min is 1.000000e+00 and max 0.000000e+00, expected min to be at most max}}
  %z = nn.clamp %x {min = 1.0, max = 0.0} : tensor<?x5xf32>
  return
}

// -----

func.func @clamp_nan(%x: tensor<?x5xf32>) {
  // expected-error @+1 {{[clamp_c1] min is nan}}
  %z = nn.clamp %x {min = 0x7FF8000000000000 : f64} : tensor<?x5xf32>
  return
}
