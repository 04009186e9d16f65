// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<32x10x24xf32>) {
  // expected-error @+1 {{[pool2d_c1] input is 32x10x24, expected [N, C, H, W] where only N may be dynamic}}
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>} : tensor<32x10x24xf32>
  return
}

// -----

func.func @dynamic_height(%x: tensor<32x10x?x24xf32>) {
  // expected-error @+1 {{[pool2d_c1] input is 32x10x?x24}}
  %y = nn.avg_pool2d %x {kernel = array<i64: 2, 2>} : tensor<32x10x?x24xf32>
  return
}

// -----

func.func @input_size(%dy: tensor<32x10x12x12xf32>) {
  // expected-error @+1 {{[pool2d_c1] expected [N, C, OH, OW] and input_size [H, W]}}
  %dx = nn.avg_pool2d_backward %dy {input_size = array<i64: 24>, kernel = array<i64: 2, 2>} : tensor<32x10x12x12xf32>
  return
}

// -----

func.func @no_kernel(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{requires attribute 'kernel'}}
  %y = nn.max_pool2d %x : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @one_entry(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[pool2d_c2] kernel, stride, padding and dilation take two entries (height, width), or padding four (top, left, bottom, right)}}
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @zero_kernel(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[pool2d_c2] kernel is 0, expected 1 to 1048576}}
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 0>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @zero_stride(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[pool2d_c2] stride is 0, expected 1 to 1048576}}
  %y = nn.avg_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 0, 1>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @negative_padding(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[pool2d_c2] padding is -1, expected 0 to 1048576}}
  %y = nn.avg_pool2d %x {kernel = array<i64: 2, 2>, padding = array<i64: -1, 0>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @huge_dilation(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[pool2d_c2] dilation is 9223372036854775807, expected 1 to 1048576}}
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>, dilation = array<i64: 9223372036854775807, 1>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @padding(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[pool2d_c3] padding is 2, expected at most half the kernel, which is 3}}
  %y = nn.max_pool2d %x {kernel = array<i64: 3, 3>, padding = array<i64: 1, 2>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @too_small(%x: tensor<32x10x3x24xf32>) {
  // expected-error @+1 {{[pool2d_c4] the kernel reaches over 5 pixels, the padded input has 3}}
  %y = nn.max_pool2d %x {kernel = array<i64: 3, 3>, dilation = array<i64: 2, 2>} : tensor<32x10x3x24xf32>
  return
}

// -----

func.func @cotangent(%dy: tensor<32x10x12x11xf32>, %x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[pool2d_c5] the cotangent is 'tensor<32x10x12x11xf32>', expected 'tensor<32x10x12x12xf32>'}}
  %dx = nn.max_pool2d_backward %dy, %x {kernel = array<i64: 2, 2>} : tensor<32x10x12x11xf32>, tensor<32x10x24x24xf32>
  return
}

// -----

func.func @avg_cotangent(%dy: tensor<32x10x12x12xf32>) {
  // expected-error @+1 {{[pool2d_c5] the cotangent is 'tensor<32x10x12x12xf32>', expected 'tensor<32x10x13x12xf32>'}}
  %dx = nn.avg_pool2d_backward %dy {input_size = array<i64: 26, 24>, kernel = array<i64: 2, 2>} : tensor<32x10x12x12xf32>
  return
}

// -----

func.func @global_rank(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[global_avg_pool_c1] input is 32x10, expected [N, C, H, W]}}
  %y = nn.global_avg_pool %x : tensor<32x10xf32>
  return
}

// -----

func.func @global_cotangent(%dy: tensor<32x10x2x1xf32>) {
  // expected-error @+1 {{[global_avg_pool_c2] expected a cotangent [N, C, 1, 1] and a positive input_size [H, W]}}
  %dx = nn.global_avg_pool_backward %dy {input_size = array<i64: 6, 6>} : tensor<32x10x2x1xf32>
  return
}

// -----

func.func @global_input_size(%dy: tensor<32x10x1x1xf32>) {
  // expected-error @+1 {{[global_avg_pool_c2] expected a cotangent [N, C, 1, 1] and a positive input_size [H, W]}}
  %dx = nn.global_avg_pool_backward %dy {input_size = array<i64: 6>} : tensor<32x10x1x1xf32>
  return
}

// -----

func.func @tap_numbers(%x: tensor<1x1x5000x5000xf32>) {
  // expected-error @+1 {{[pool2d_c6] the window has 5000 rows of 1048576 pixels, expected less than 2^31 in all}}
  %y = nn.max_pool2d %x {kernel = array<i64: 1048576, 1048576>, padding = array<i64: 524288, 524288>} : tensor<1x1x5000x5000xf32>
  return
}

// -----

func.func @tap_numbers_backward(%dy: tensor<1x1x1x1xf32>, %x: tensor<1x1x5000x5000xf32>) {
  // expected-error @+1 {{[pool2d_c6] the window has 5000 rows of 1048576 pixels, expected less than 2^31 in all}}
  %dx = nn.max_pool2d_backward %dy, %x {kernel = array<i64: 1048576, 1048576>, padding = array<i64: 524288, 524288>}
      : tensor<1x1x1x1xf32>, tensor<1x1x5000x5000xf32>
  return
}

// -----

func.func @three_paddings(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[pool2d_c2] kernel, stride, padding and dilation take two entries}}
  %y = nn.max_pool2d %x {kernel = array<i64: 2, 2>, padding = array<i64: 1, 1, 1>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @padding_on_the_right(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[pool2d_c3] padding is 2, expected at most half the kernel, which is 3}}
  %y = nn.avg_pool2d %x {kernel = array<i64: 3, 3>, padding = array<i64: 0, 0, 1, 2>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @no_window(%x: tensor<32x10x1x24xf32>) {
  // expected-error @+1 {{[pool2d_c4] the kernel reaches over 3 pixels, the padded input has 1}}
  %y = nn.avg_pool2d %x {ceil_mode = true, kernel = array<i64: 3, 3>, stride = array<i64: 1, 1>} : tensor<32x10x1x24xf32>
  return
}

// -----

func.func @adaptive_rank(%x: tensor<32x10x24xf32>) {
  // expected-error @+1 {{[adaptive_avg_pool2d_c1] the tensor is 32x10x24, expected [N, C, H, W] where only N may be dynamic}}
  %y = nn.adaptive_avg_pool2d %x {output_size = array<i64: 2, 2>} : tensor<32x10x24xf32>
  return
}

// -----

func.func @adaptive_size(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[adaptive_avg_pool2d_c2] output_size is [2x0], expected two numbers from 1 to 1048576}}
  %y = nn.adaptive_avg_pool2d %x {output_size = array<i64: 2, 0>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @adaptive_input_size(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[adaptive_avg_pool2d_c2] input_size is [4611686018427387904x1], expected two numbers from 1 to 1048576}}
  %y = nn.adaptive_avg_pool2d_backward %x {input_size = array<i64: 4611686018427387904, 1>} : tensor<32x10x24x24xf32>
  return
}
