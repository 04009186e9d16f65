// What the runtime would refuse as a damaged file is an error at the graph's line.
// RUN: gradmill-opt --check-graph -split-input-file -verify-diagnostics %s
// RUN: not gradmill-opt --check-graph=batch=16 %S/Inputs/one-input.mlir 2>&1 | FileCheck %s --check-prefix=BATCH
// RUN: gradmill-opt --check-graph=batch=8 %S/Inputs/one-input.mlir -o /dev/null
// BATCH: one-input.mlir:1:17: error: [fixed_batch] the graph is for a batch of 8, but --batch is 16; leave out --batch, or write the input as 'tensor<?x3xf32>'

// The names of what a step is fed. A target may be called as it likes: build-loss looks at that.
func.func @main(%x: tensor<8x3xf32> {nn.name = "label"}) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// expected-error @below {{[graph_signature] the input is called "step", as a part of the training step is; rename it}}
func.func @main(%x: tensor<8x3xf32> {nn.name = "step"}) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// Several inputs and outputs, all of the same batch, each with a name of its own.
func.func @main(%x: tensor<8x3xf32>, %y: tensor<8x3x2xf32>) -> (tensor<8x3xf32>, tensor<8x3x2xf32>) {
  return %x, %y : tensor<8x3xf32>, tensor<8x3x2xf32>
}

// -----

// expected-error @below {{[graph_signature] @main takes 0 arguments and returns 1 values, expected one data tensor or more in, one prediction or more out}}
func.func @main() -> tensor<8x3xf32> {
  %w = nn.parameter "w" : tensor<8x3xf32>
  return %w : tensor<8x3xf32>
}

// -----

// expected-error @below {{[graph_signature] the input "input1" has a batch of 4, but "input" one of 8}}
func.func @main(%x: tensor<8x3xf32>, %y: tensor<4x3xf32>) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// expected-error @below {{[graph_signature] two ports are called "a"; rename one}}
func.func @main(%x: tensor<8x3xf32> {nn.name = "a"}, %y: tensor<8x3xf32> {nn.name = "a"}) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

func.func @main(%x: tensor<8x3xf32> {nn.name = "a"}) -> (tensor<8x3xf32> {nn.name = "a"}) {
  // expected-error @below {{[graph_output] an output is called "a", as another port of the compiled model is; rename it}}
  %r = nn.relu %x : tensor<8x3xf32>
  return %r : tensor<8x3xf32>
}

// -----

func.func @main(%x: tensor<8x3xf32>) -> (tensor<8x3xf32> {nn.name = "loss"}) {
  // expected-error @below {{[graph_output] an output is called "loss"}}
  %r = nn.relu %x : tensor<8x3xf32>
  return %r : tensor<8x3xf32>
}

// -----

// expected-error @below {{[graph_signature] the input "input" is 'tensor<8x3xf64>', expected an f32 or i32 tensor [N, ...], the first dimension of which is the batch}}
func.func @main(%x: tensor<8x3xf64>) -> tensor<8x3xf64> {
  return %x : tensor<8x3xf64>
}

// -----

// expected-error @below {{[fixed_batch] the batch is 1048577, at most 1048576}}
func.func @main(%x: tensor<1048577x3xf32>) -> tensor<1048577x3xf32> {
  return %x : tensor<1048577x3xf32>
}

// -----

// expected-error @below {{[tensor_size] "input" is 'tensor<8x1x1x1x1x1x1x1x1xf32>'; the runtime takes up to 8 dimensions}}
func.func @main(%x: tensor<8x1x1x1x1x1x1x1x1xf32>) -> tensor<8x1xf32> {
  %f = nn.flatten %x : tensor<8x1x1x1x1x1x1x1x1xf32>
  return %f : tensor<8x1xf32>
}

// -----

// Scales.
// expected-error @below {{[input_scale] nn.std has the element 0.000000e+00 : f64, expected a positive number such as 0.5}}
func.func @main(%x: tensor<8x3xf32> {nn.std = [0.0]}) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// 1e-60 is no deviation in f32.
// expected-error @below {{[input_scale] nn.std has the element}}
func.func @main(%x: tensor<8x3xf32> {nn.std = [0.5, 1.0e-60, 0.5]}) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// expected-error @below {{[input_scale] nn.mean has the element 0x7FC00000 : f32, expected a finite number}}
func.func @main(%x: tensor<8x3xf32> {nn.mean = [0x7FC00000 : f32]}) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// expected-error @below {{[input_scale] nn.mean is [5.000000e-01, 5.000000e-01], expected a list of 1 or 3 numbers, one per channel}}
func.func @main(%x: tensor<8x3xf32> {nn.mean = [0.5, 0.5]}) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// expected-error @below {{[input_scale] nn.mean has the element 1 : i64}}
func.func @main(%x: tensor<8x3xf32> {nn.mean = [1]}) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// Outputs of any shape.
func.func @main(%x: tensor<8x3x2xf32>) -> tensor<8x3x2xf32> {
  %r = nn.relu %x : tensor<8x3x2xf32>
  return %r : tensor<8x3x2xf32>
}

// -----

func.func @main(%x: tensor<8x3xf32>) -> tensor<5x3xf32> {
  // expected-error @below {{[graph_output] "output" is 'tensor<5x3xf32>', expected a float tensor [N, ...], the first dimension of which is the batch, 8}}
  %w = nn.parameter "w" : tensor<5x3xf32>
  return %w : tensor<5x3xf32>
}

// -----

func.func @main(%x: tensor<8x3xf32>) -> (tensor<8x3xf32>, tensor<8x3xf32> {nn.name = "output"}) {
  // expected-error @below {{[graph_output] an output is called "output", as another port of the compiled model is; rename it}}
  %r = nn.relu %x : tensor<8x3xf32>
  return %x, %r : tensor<8x3xf32>, tensor<8x3xf32>
}

// -----

func.func @main(%x: tensor<8x3xf32>) -> (tensor<8x3xf32>, tensor<8x3xf32> {nn.name = "kernel_clocks"}) {
  // expected-error @below {{[graph_output] an output is called "kernel_clocks"}}
  %r = nn.relu %x : tensor<8x3xf32>
  return %x, %r : tensor<8x3xf32>, tensor<8x3xf32>
}

// -----

// expected-error @below {{[graph_signature] the graph has a function @infer, as the compiled model has; rename it}}
func.func @infer(%x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// Parameters.
func.func @main(%x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  // expected-error @below {{[parameter_init] the init of "w" has infinite values or NaNs}}
  %w = nn.parameter "w" {init = 0x7FC00000 : f32} : tensor<3xf32>
  return %x : tensor<8x3xf32>
}

// -----

func.func @main(%x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  // expected-error @below {{[parameter_init] the init of "w" has infinite values or NaNs}}
  %w = nn.parameter "w" {init = 1.0e+39 : f64} : tensor<3xf32>
  return %x : tensor<8x3xf32>
}

// -----

func.func @main(%x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  // expected-error @below {{[parameter_init] the init of "w" has infinite values or NaNs}}
  %w = nn.parameter "w" {init = dense<[0.0, 0xFF800000, 1.0]> : tensor<3xf32>} : tensor<3xf32>
  return %x : tensor<8x3xf32>
}

// -----

func.func @main(%x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  // expected-error @below {{[parameter_draw] "w" is 'tensor<3x3xf64>', but only f32 is drawn; give it an init}}
  %w = nn.parameter "w" : tensor<3x3xf64>
  return %x : tensor<8x3xf32>
}

// -----

// For a batch of any size these do not go together.
func.func @main(%x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  %c = nn.constant dense<1.0> : tensor<8x3xf32>
  // expected-error @below {{[add_c1] the shapes ?x3 and 8x3 do not go together}}
  // expected-error @below {{[batch_mixed] the op cannot be computed for a batch of any size; dimension 0 of the inputs is the batch}}
  %r = nn.add %x, %c : tensor<8x3xf32>
  return %r : tensor<8x3xf32>
}

// -----

// A mean over all samples.
func.func @main(%x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  // expected-error @below {{[batch_mixed] the op's result, scalar, does not have the batch as dimension 0}}
  %m = nn.mean %x : tensor<8x3xf32>
  %r = nn.sub %x, %m : tensor<8x3xf32>, tensor<f32>
  return %r : tensor<8x3xf32>
}

// -----

// The batch is dimension 0, on the way, too.
func.func @main(%x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  %c = nn.constant dense<1.0> : tensor<4x1x3xf32>
  // expected-error @below {{[batch_mixed] the op's result, 4x?x3, does not have the batch as dimension 0}}
  %a = nn.add %x, %c : tensor<8x3xf32>, tensor<4x1x3xf32>
  %r = nn.reduce_sum %a {axes = array<i64: 0>} : tensor<4x8x3xf32>
  return %r : tensor<8x3xf32>
}

// -----

func.func @main(%x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  // expected-error @below {{[graph_output] "output" is 'tensor<8x3xf32>', but its dimension 0 is not the batch: it is the same for all samples}}
  %r = nn.parameter "p" : tensor<8x3xf32>
  return %r : tensor<8x3xf32>
}

// -----

// expected-error @below {{[input_classes] nn.classes is for inputs of i32; "input" is 'tensor<8x3xf32>'}}
func.func @main(%x: tensor<8x3xf32> {nn.classes = 5 : i64}) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}

// -----

// expected-error @below {{[input_scale] nn.mean is for inputs of f32; whole numbers are taken as they are}}
func.func @main(%k: tensor<8x3xi32> {nn.mean = [0.5]}, %x: tensor<8x3xf32>) -> tensor<8x3xf32> {
  return %x : tensor<8x3xf32>
}
