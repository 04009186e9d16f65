// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<32x3x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c1] input has 3 dimensions and the filter 4, expected [N, C, H, W] and [F, C/groups, KH, KW]}}
  %y = nn.conv2d %x, %w : tensor<32x3x12xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @dynamic_height(%x: tensor<32x3x?x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c1] only the batch dimension may be dynamic}}
  %y = nn.conv2d %x, %w : tensor<32x3x?x12xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @input_size(%dy: tensor<32x16x10x10xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c1] input_size is [12], expected two positive numbers}}
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 12>} : tensor<32x16x10x10xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @kernel_size(%dy: tensor<32x16x10x10xf32>, %x: tensor<32x3x12x12xf32>) {
  // expected-error @+1 {{[conv2d_c1] kernel_size is [3], expected two positive numbers}}
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3>} : tensor<32x3x12x12xf32>, tensor<32x16x10x10xf32>
  return
}

// -----

func.func @one_entry(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c2] stride, padding and dilation take two entries (height, width), or padding four (top, left, bottom, right)}}
  %y = nn.conv2d %x, %w {stride = array<i64: 2>} : tensor<32x3x12x12xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @zero_stride(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c2] stride is 0, expected at least 1}}
  %y = nn.conv2d %x, %w {stride = array<i64: 1, 0>} : tensor<32x3x12x12xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @negative_padding(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c2] padding is -1, expected at least 0}}
  %y = nn.conv2d %x, %w {padding = array<i64: -1, 0>} : tensor<32x3x12x12xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @zero_dilation(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c2] dilation is 0, expected at least 1}}
  %y = nn.conv2d %x, %w {dilation = array<i64: 0, 1>} : tensor<32x3x12x12xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @channels(%x: tensor<32x3x12x12xf32>, %w: tensor<16x4x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c3] input has 3 channels, the filter expects 4}}
  %y = nn.conv2d %x, %w : tensor<32x3x12x12xf32>, tensor<16x4x3x3xf32>
  return
}

// -----

func.func @groups(%x: tensor<32x3x12x12xf32>, %w: tensor<16x1x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c4] groups is 3, which does not divide the 16 filters}}
  %y = nn.conv2d %x, %w {groups = 3 : i64} : tensor<32x3x12x12xf32>, tensor<16x1x3x3xf32>
  return
}

// -----

func.func @bias(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{[conv2d_c5] bias is 'tensor<3xf32>', expected [16]}}
  %y = nn.conv2d %x, %w bias %b : tensor<32x3x12x12xf32>, tensor<16x3x3x3xf32>, tensor<3xf32>
  return
}

// -----

func.func @too_small(%x: tensor<32x3x2x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c6] the kernel reaches over 3 pixels, the padded input has 2}}
  %y = nn.conv2d %x, %w : tensor<32x3x2x12xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @element_types(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf64>) {
  // expected-error @+1 {{[conv2d_c7] input and filter differ in element type: 'f32' and 'f64'}}
  %y = nn.conv2d %x, %w : tensor<32x3x12x12xf32>, tensor<16x3x3x3xf64>
  return
}

// -----

func.func @sum_of_other_channels(%dy: tensor<32x4x5x5xf32>, %w: tensor<4x3x3x3xf32>, %v: tensor<4x2x1x1xf32>) {
  // expected-error @+1 {{[conv2d_c8] one filter has 3 channels, the other 2}}
  %dx = nn.conv2d_backward_data_sum %dy, %w, %dy, %v {input_size = array<i64: 10, 10>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<32x4x5x5xf32>, tensor<4x3x3x3xf32>, tensor<32x4x5x5xf32>, tensor<4x2x1x1xf32>
  return
}

// -----

// Adjoints believe no geometry that the convolution does not have.

func.func @weights_of_another_stride(%x: tensor<?x1x28x28xf32>, %dy: tensor<?x4x26x26xf32>) {
  // expected-error @+1 {{[conv2d_c9] the cotangent is ?x4x26x26 of 'f32', expected ?x4x1x1 of 'f32'}}
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, stride = array<i64: 1000, 1000>} : tensor<?x1x28x28xf32>, tensor<?x4x26x26xf32>
  return
}

// -----

func.func @weights_of_another_batch(%x: tensor<8x1x28x28xf32>, %dy: tensor<4x4x26x26xf32>) {
  // expected-error @+1 {{[conv2d_c9] the cotangent is 4x4x26x26 of 'f32', expected 8x4x26x26 of 'f32'}}
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>} : tensor<8x1x28x28xf32>, tensor<4x4x26x26xf32>
  return
}

// -----

func.func @weights_of_a_large_kernel(%x: tensor<8x1x28x28xf32>, %dy: tensor<8x4x26x26xf32>) {
  // expected-error @+1 {{[conv2d_c6] the kernel reaches over 29 pixels, the padded input has 28}}
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 29, 3>} : tensor<8x1x28x28xf32>, tensor<8x4x26x26xf32>
  return
}

// -----

func.func @data_of_another_size(%dy: tensor<8x4x26x26xf32>, %w: tensor<4x1x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c9] the cotangent is 8x4x26x26 of 'f32', expected 8x4x98x98 of 'f32'}}
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 100, 100>} : tensor<8x4x26x26xf32>, tensor<4x1x3x3xf32>
  return
}

// -----

func.func @data_of_no_size(%dy: tensor<8x4x26x26xf32>, %w: tensor<4x1x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c1] input_size is [-1x28], expected two positive numbers}}
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: -1, 28>} : tensor<8x4x26x26xf32>, tensor<4x1x3x3xf32>
  return
}

// -----

func.func @data_of_many_groups(%dy: tensor<8x4x26x26xf32>, %w: tensor<4x4x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c4] groups is 9223372036854775807}}
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 28, 28>, groups = 9223372036854775807 : i64} : tensor<8x4x26x26xf32>, tensor<4x4x3x3xf32>
  return
}

// -----

func.func @data_without_size(%dy: tensor<8x4x26x26xf32>, %w: tensor<4x1x3x3xf32>) {
  // expected-error @+1 {{requires attribute 'input_size'}}
  %dx = nn.conv2d_backward_data %dy, %w : tensor<8x4x26x26xf32>, tensor<4x1x3x3xf32>
  return
}

// -----

func.func @sum_of_another_size(%dy: tensor<32x4x5x5xf32>, %w: tensor<4x3x3x3xf32>, %v: tensor<4x3x1x1xf32>) {
  // expected-error @+1 {{[conv2d_c9] the cotangent is 32x4x5x5 of 'f32', expected 32x4x10x10 of 'f32'}}
  %dx = nn.conv2d_backward_data_sum %dy, %w, %dy, %v {input_size = array<i64: 19, 19>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<32x4x5x5xf32>, tensor<4x3x3x3xf32>, tensor<32x4x5x5xf32>, tensor<4x3x1x1xf32>
  return
}

// -----

func.func @pack_by_no_width(%w: tensor<4x1x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c10] width is 0, expected 1 to 1024}}
  %p = nn.conv2d_pack_filter %w {width = 0 : i64, groups = 1 : i64} : tensor<4x1x3x3xf32>
  return
}

// -----

func.func @packed_for_another_filter(%x: tensor<1x3x8x8xf32, #nn.channels<8>>, %p: tensor<1x3x3x2x8xf32>) {
  // expected-error @+1 {{[conv2d_c10] the packed filter is 'tensor<1x3x3x2x8xf32>'}}
  %y = nn.conv2d_channels %x, %p : tensor<1x3x8x8xf32, #nn.channels<8>>, tensor<1x3x3x2x8xf32> -> tensor<1x4x6x6xf32, #nn.channels<8>>
  return
}

// -----

func.func @winograd_of_a_wrong_size(%x: tensor<1x3x8x8xf32, #nn.channels<8>>, %p: tensor<16x1x3x8xf32>) {
  // expected-error @+1 {{[conv2d_c10] the packed filter is 'tensor<16x1x3x8xf32>' and the output 'tensor<1x4x8x8xf32, #nn.channels<8>>', expected 16x1x3x8 and 1x4x6x6}}
  %y = nn.conv2d_channels_winograd %x, %p {tile = 2 : i64} : tensor<1x3x8x8xf32, #nn.channels<8>>, tensor<16x1x3x8xf32> -> tensor<1x4x8x8xf32, #nn.channels<8>>
  return
}

// -----

func.func @winograd_of_no_tile(%w: tensor<4x1x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c10] tile is -2, expected 2 or 4}}
  %p = nn.conv2d_channels_winograd_filter %w {tile = -2 : i64, width = 8 : i64} : tensor<4x1x3x3xf32>
  return
}

// -----

func.func @transposed_rank(%x: tensor<32x3x12xf32>, %w: tensor<3x16x3x3xf32>) {
  // expected-error @+1 {{[conv_transpose2d_c1] the input is 32x3x12 and the filter 3x16x3x3, expected [N, C, H, W], where only N may be dynamic, and [C, F/groups, KH, KW]}}
  %y = nn.conv_transpose2d %x, %w : tensor<32x3x12xf32>, tensor<3x16x3x3xf32>
  return
}

// -----

func.func @transposed_entries(%x: tensor<32x3x12x12xf32>, %w: tensor<3x16x3x3xf32>) {
  // expected-error @+1 {{[conv_transpose2d_c2] stride has 1 entries, expected two (height, width)}}
  %y = nn.conv_transpose2d %x, %w {stride = array<i64: 2>} : tensor<32x3x12x12xf32>, tensor<3x16x3x3xf32>
  return
}

// -----

func.func @transposed_huge(%x: tensor<32x3x12x12xf32>, %w: tensor<3x16x3x3xf32>) {
  // expected-error @+1 {{[conv_transpose2d_c2] dilation is 4611686018427387904, expected 1 to 1048576}}
  %y = nn.conv_transpose2d %x, %w {dilation = array<i64: 1, 4611686018427387904>} : tensor<32x3x12x12xf32>, tensor<3x16x3x3xf32>
  return
}

// -----

func.func @transposed_channels(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv_transpose2d_c3] the input has 3 channels, the filter expects 16}}
  %y = nn.conv_transpose2d %x, %w : tensor<32x3x12x12xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @transposed_groups(%x: tensor<32x3x12x12xf32>, %w: tensor<3x16x3x3xf32>) {
  // expected-error @+1 {{[conv_transpose2d_c4] groups is 2, which does not divide the 3 channels}}
  %y = nn.conv_transpose2d %x, %w {groups = 2 : i64} : tensor<32x3x12x12xf32>, tensor<3x16x3x3xf32>
  return
}

// -----

func.func @transposed_bias(%x: tensor<32x3x12x12xf32>, %w: tensor<3x16x3x3xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{[conv_transpose2d_c5] bias is 'tensor<3xf32>', expected [16]}}
  %y = nn.conv_transpose2d %x, %w bias %b : tensor<32x3x12x12xf32>, tensor<3x16x3x3xf32>, tensor<3xf32>
  return
}

// -----

func.func @transposed_nothing(%x: tensor<32x3x2x12xf32>, %w: tensor<3x16x3x3xf32>) {
  // expected-error @+1 {{[conv_transpose2d_c6] an axis of 2 pixels and a kernel of 3 give 0 pixels, expected at least 1}}
  %y = nn.conv_transpose2d %x, %w {padding = array<i64: 2, 0>} : tensor<32x3x2x12xf32>, tensor<3x16x3x3xf32>
  return
}

// -----

func.func @transposed_type(%x: tensor<32x3x12x12xf32>, %w: tensor<3x16x3x3xf64>) {
  // expected-error @+1 {{[conv_transpose2d_c7] input and filter differ in element type: 'f32' and 'f64'}}
  %y = nn.conv_transpose2d %x, %w : tensor<32x3x12x12xf32>, tensor<3x16x3x3xf64>
  return
}

// -----

func.func @transposed_output_padding(%x: tensor<32x3x12x12xf32>, %w: tensor<3x16x3x3xf32>) {
  // expected-error @+1 {{[conv_transpose2d_c8] output_padding is 2, expected at most 1}}
  %y = nn.conv_transpose2d %x, %w {output_padding = array<i64: 1, 2>, stride = array<i64: 2, 2>} : tensor<32x3x12x12xf32>, tensor<3x16x3x3xf32>
  return
}

// -----

func.func @negative_padding_below(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c2] padding is -2, expected at least 0}}
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1, -2, 1>} : tensor<32x3x12x12xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @three_paddings(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c2] stride, padding and dilation take two entries}}
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1, 1>} : tensor<32x3x12x12xf32>, tensor<16x3x3x3xf32>
  return
}
