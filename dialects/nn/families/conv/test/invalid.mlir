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
  // expected-error @+1 {{[conv2d_c1] expected [N, F, OH, OW], [F, C/groups, KH, KW] and input_size [H, W]}}
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 12>} : tensor<32x16x10x10xf32>, tensor<16x3x3x3xf32>
  return
}

// -----

func.func @kernel_size(%dy: tensor<32x16x10x10xf32>, %x: tensor<32x3x12x12xf32>) {
  // expected-error @+1 {{[conv2d_c1] expected [N, C, H, W], [N, F, OH, OW] and kernel_size [KH, KW]}}
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3>} : tensor<32x3x12x12xf32>, tensor<32x16x10x10xf32>
  return
}

// -----

func.func @one_entry(%x: tensor<32x3x12x12xf32>, %w: tensor<16x3x3x3xf32>) {
  // expected-error @+1 {{[conv2d_c2] stride, padding and dilation take two entries (height, width)}}
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
