// RUN: gradmill-opt %s -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<32x10x24xf32>) {
  // expected-error @+1 {{[resize2d_c1] the tensor is 32x10x24, expected [N, C, H, W] where only N may be dynamic}}
  %y = nn.resize2d %x {size = array<i64: 2, 2>} : tensor<32x10x24xf32>
  return
}

// -----

func.func @dynamic_width(%x: tensor<32x10x24x?xf32>) {
  // expected-error @+1 {{[resize2d_c1] the tensor is 32x10x24x?}}
  %y = nn.resize2d %x {size = array<i64: 2, 2>} : tensor<32x10x24x?xf32>
  return
}

// -----

func.func @no_size(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[resize2d_c2] expected either size or scale}}
  %y = nn.resize2d %x : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @both(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[resize2d_c2] expected either size or scale}}
  %y = nn.resize2d %x {size = array<i64: 2, 2>, scale = array<f64: 2.0, 2.0>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @one_entry(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[resize2d_c2] size and scale take two entries (height, width)}}
  %y = nn.resize2d %x {scale = array<f64: 2.0>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @huge(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[resize2d_c2] the result has 4.611686e+18 pixels along an axis, expected 1 to 1048576}}
  %y = nn.resize2d %x {size = array<i64: 4611686018427387904, 1>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @not_a_number(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[resize2d_c2] the result has nan pixels along an axis}}
  %y = nn.resize2d %x {scale = array<f64: 2.0, 0x7FF8000000000000>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @negative(%x: tensor<32x10x24x24xf32>) {
  // expected-error-re @+1 {{[resize2d_c2] the result has {{.*}} pixels along an axis}}
  %y = nn.resize2d %x {scale = array<f64: -1.0, 1.0>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @mode(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[resize2d_c3] mode is "bicubic", expected "nearest" or "bilinear"}}
  %y = nn.resize2d %x {size = array<i64: 2, 2>, mode = "bicubic"} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @corners(%x: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[resize2d_c4] align_corners is for "bilinear"}}
  %y = nn.resize2d %x {size = array<i64: 2, 2>, align_corners = true} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @cotangent(%dy: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[resize2d_c5] the cotangent has 24x24 pixels, the resized input 24x22}}
  %dx = nn.resize2d_backward %dy {input_size = array<i64: 12, 11>, scale = array<f64: 2.0, 2.0>} : tensor<32x10x24x24xf32>
  return
}

// -----

func.func @input_size(%dy: tensor<32x10x24x24xf32>) {
  // expected-error @+1 {{[resize2d_c1] input_size is [12], expected two positive numbers}}
  %dx = nn.resize2d_backward %dy {input_size = array<i64: 12>} : tensor<32x10x24x24xf32>
  return
}
