// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @flatten_rank(%x: tensor<32xf32>) {
  // expected-error @+1 {{[flatten_c1] input is 32, expected [N, C, ...] where only N may be dynamic}}
  %y = nn.flatten %x : tensor<32xf32>
  return
}

// -----

func.func @flatten_dynamic(%x: tensor<32x16x?xf32>) {
  // expected-error @+1 {{[flatten_c1] input is 32x16x?, expected [N, C, ...] where only N may be dynamic}}
  %y = nn.flatten %x : tensor<32x16x?xf32>
  return
}

// -----

func.func @reshape_dynamic(%x: tensor<32x16x?xf32>) {
  // expected-error @+1 {{[reshape_c1] input is 32x16x?, expected a shape where only N may be dynamic}}
  %y = nn.reshape %x {shape = array<i64: 0, -1>} : tensor<32x16x?xf32>
  return
}

// -----

func.func @reshape_two_open(%x: tensor<32x16xf32>) {
  // expected-error @+1 {{[reshape_c2] shape is [0, -1, -1] for 32x16, expected sizes, 0 for a size of the input, and at most one -1}}
  %y = nn.reshape %x {shape = array<i64: 0, -1, -1>} : tensor<32x16xf32>
  return
}

// -----

func.func @reshape_no_such(%x: tensor<32x16xf32>) {
  // expected-error @+1 {{[reshape_c2] shape is [0, 16, 0] for 32x16}}
  %y = nn.reshape %x {shape = array<i64: 0, 16, 0>} : tensor<32x16xf32>
  return
}

// -----

func.func @reshape_huge(%x: tensor<32x16xf32>) {
  // expected-error @+1 {{[reshape_c2] shape is [0, 4611686018427387904, 4] for 32x16}}
  %y = nn.reshape %x {shape = array<i64: 0, 4611686018427387904, 4>} : tensor<32x16xf32>
  return
}

// -----

func.func @reshape_count(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[reshape_c3] shape is [0, 4, 5], the input, ?x16, has 16 elements a sample}}
  %y = nn.reshape %x {shape = array<i64: 0, 4, 5>} : tensor<?x16xf32>
  return
}

// -----

func.func @reshape_left(%x: tensor<32x16xf32>) {
  // expected-error @+1 {{[reshape_c3] shape is [5, -1], the input, 32x16, has 512 elements}}
  %y = nn.reshape %x {shape = array<i64: 5, -1>} : tensor<32x16xf32>
  return
}

// -----

func.func @reshape_mixes(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[reshape_c4] shape is [4, -1] for ?x16, expected 0 in front, for the batch: a sample's result must not depend on other samples}}
  %y = nn.reshape %x {shape = array<i64: 4, -1>} : tensor<?x16xf32>
  return
}

// -----

// All of the batch in one number.
func.func @reshape_part(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[reshape_c3] shape is [-1, 8], the input, ?x16, has 16 elements a sample}}
  %y = nn.reshape %x {shape = array<i64: -1, 8>} : tensor<?x16xf32>
  return
}

// -----

func.func @transpose_permutation(%x: tensor<?x16x4xf32>) {
  // expected-error @+1 {{[transpose_c1] permutation is [0, 1, 1], expected each of the 3 dimensions once}}
  %y = nn.transpose %x {permutation = array<i64: 0, 1, 1>} : tensor<?x16x4xf32>
  return
}

// -----

func.func @transpose_batch(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[transpose_c2] the op moves dimension 0 of ?x16, which is the batch: a sample's result must not depend on other samples}}
  %y = nn.transpose %x {permutation = array<i64: 1, 0>} : tensor<?x16xf32>
  return
}

// -----

func.func @slice_axis(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[slice_c1] axis is 2, but the tensor, ?x16, has 2 dimensions}}
  %y = nn.slice %x {axes = array<i64: 2>, starts = array<i64: 0>, ends = array<i64: 1>} : tensor<?x16xf32>
  return
}

// -----

func.func @slice_axis_twice(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[slice_c1] axis -1 is named twice}}
  %y = nn.slice %x {axes = array<i64: 1, -1>, starts = array<i64: 0, 0>, ends = array<i64: 1, 1>} : tensor<?x16xf32>
  return
}

// -----

func.func @slice_entries(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[slice_c2] starts are [0], ends [1] and strides [1, 1], expected 2 of each, one for each axis, and no stride of 0}}
  %y = nn.slice %x {starts = array<i64: 0>, ends = array<i64: 1>} : tensor<?x16xf32>
  return
}

// -----

func.func @slice_stride(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[slice_c2] starts are [0], ends [1] and strides [0]}}
  %y = nn.slice %x {axes = array<i64: 1>, starts = array<i64: 0>, ends = array<i64: 1>, strides = array<i64: 0>} : tensor<?x16xf32>
  return
}

// -----

func.func @slice_nothing(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[slice_c3] of the 16 elements of dimension 1 nothing is left}}
  %y = nn.slice %x {axes = array<i64: 1>, starts = array<i64: 4>, ends = array<i64: -12>} : tensor<?x16xf32>
  return
}

// -----

func.func @slice_batch(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[slice_c4] the op cuts dimension 0 of ?x16, which is the batch}}
  %y = nn.slice %x {axes = array<i64: 0>, starts = array<i64: 0>, ends = array<i64: 1>} : tensor<?x16xf32>
  return
}

// -----

func.func @slice_backward(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[slice_c5] the cotangent, ?x16, is that of no such slice}}
  %y = nn.slice_backward %x {axes = array<i64: 1>, starts = array<i64: 2>, strides = array<i64: 2>, sizes = array<i64: 32>} : tensor<?x16xf32>
  return
}

// -----

func.func @concat_types(%x: tensor<?x16xf32>, %y: tensor<?x16xf64>) {
  // expected-error @+1 {{[concat_c1] inputs are 'tensor<?x16xf32>' and 'tensor<?x16xf64>', expected one element type and one rank}}
  %z = nn.concat %x, %y : tensor<?x16xf32>, tensor<?x16xf64>
  return
}

// -----

func.func @concat_sizes(%x: tensor<?x16x3xf32>, %y: tensor<?x16x4xf32>) {
  // expected-error @+1 {{[concat_c2] inputs are ?x16x3 and ?x16x4, expected the same sizes but along axis 1}}
  %z = nn.concat %x, %y : tensor<?x16x3xf32>, tensor<?x16x4xf32>
  return
}

// -----

func.func @concat_with_parameter(%x: tensor<?x16xf32>, %y: tensor<1x16xf32>) {
  // expected-error @+1 {{[concat_c2] inputs are ?x16 and 1x16, expected the same sizes but along axis 1}}
  %z = nn.concat %x, %y : tensor<?x16xf32>, tensor<1x16xf32>
  return
}

// -----

func.func @concat_number(%x: tensor<f32>) {
  // expected-error @+1 {{[concat_c3] axis is 1, but the tensor, scalar, has 0 dimensions}}
  %z = nn.concat %x, %x : tensor<f32>, tensor<f32>
  return
}

// -----

func.func @concat_batch(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[concat_c3] the op appends to dimension 0 of ?x16, which is the batch}}
  %z = nn.concat %x, %x {axis = 0} : tensor<?x16xf32>, tensor<?x16xf32>
  return
}

// -----

func.func @pad_axes(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[pad_c1] low is [1] and high [1], expected 2 of each, one for each axis}}
  %y = nn.pad %x {low = array<i64: 1>, high = array<i64: 1>} : tensor<?x16xf32>
  return
}

// -----

func.func @pad_negative(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[pad_c2] low is [-1] and high [1], expected numbers from 0 to 2^40}}
  %y = nn.pad %x {axes = array<i64: 1>, low = array<i64: -1>, high = array<i64: 1>} : tensor<?x16xf32>
  return
}

// -----

func.func @pad_huge(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[pad_c2] low is [0] and high [4611686018427387904], expected numbers from 0 to 2^40}}
  %y = nn.pad %x {axes = array<i64: 1>, low = array<i64: 0>, high = array<i64: 4611686018427387904>} : tensor<?x16xf32>
  return
}

// -----

func.func @pad_mode(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[pad_c3] mode is "edge", expected "constant", "reflect" or "replicate"}}
  %y = nn.pad %x {axes = array<i64: 1>, low = array<i64: 1>, high = array<i64: 1>, mode = "edge"} : tensor<?x16xf32>
  return
}

// -----

func.func @pad_reflect(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[pad_c4] dimension 1 has 16 elements, too few for 16 of its own at a border}}
  %y = nn.pad %x {axes = array<i64: 1>, low = array<i64: 1>, high = array<i64: 16>, mode = "reflect"} : tensor<?x16xf32>
  return
}

// -----

func.func @pad_batch(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[pad_c5] the op pads dimension 0 of ?x16, which is the batch}}
  %y = nn.pad %x {low = array<i64: 1, 0>, high = array<i64: 0, 0>} : tensor<?x16xf32>
  return
}

// -----

func.func @pad_backward(%x: tensor<?x16xf32>) {
  // expected-error @+1 {{[pad_c6] the cotangent, ?x16, is that of no such pad}}
  %y = nn.pad_backward %x {axis = 1 : i64, low = 6 : i64, high = 5 : i64, mode = "reflect"} : tensor<?x16xf32>
  return
}
