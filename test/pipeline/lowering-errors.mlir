// RUN: gradmill-opt --assign-layouts %s -split-input-file -verify-diagnostics

// All ops without a lowering in one error, each with its place. Training forms and
// expansions have not been made here.
func.func @main(%x: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<16x4xf32> attributes {nn.entry = "infer"} {
  // expected-error @+2 {{[no_lowering] cannot compile: 2 ops have no lowering: 'nn.dropout', 'nn.batch_norm'}}
  // expected-note @+1 {{'nn.dropout' is here}}
  %a = nn.dropout %x : tensor<16x4xf32>
  %b = nn.relu %a : tensor<16x4xf32>
  // expected-note @+1 {{'nn.batch_norm' is here}}
  %y = nn.batch_norm %b, %c, %c, %c, %c : tensor<16x4xf32>
  return %y : tensor<16x4xf32>
}

// -----

// Of another dialect, too.
func.func @foreign(%x: tensor<16x4xf32>) -> tensor<16x4xf32> attributes {nn.entry = "infer"} {
  // expected-error @+2 {{[no_lowering] cannot compile: 1 op has no lowering: 'arith.addf'}}
  // expected-note @+1 {{'arith.addf' is here}}
  %y = arith.addf %x, %x : tensor<16x4xf32>
  return %y : tensor<16x4xf32>
}
