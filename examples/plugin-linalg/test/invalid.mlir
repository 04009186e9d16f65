// REQUIRES: plugin-linalg
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-linalg.so %s -split-input-file -verify-diagnostics

func.func @rank(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[blur_pool_c1] the input is 32x10, expected [N, C, H, W], static but for N}}
  %y = nn.blur_pool %x : tensor<32x10xf32>
  return
}

// -----

func.func @size(%x: tensor<32x10x8x8xf32>) {
  // expected-error @+1 {{[blur_pool_c2] size is 8 and stride 2, expected 2 to 7 and a positive number}}
  %y = nn.blur_pool %x {size = 8} : tensor<32x10x8x8xf32>
  return
}

// -----

func.func @stride(%x: tensor<32x10x8x8xf32>) {
  // expected-error @+1 {{[blur_pool_c2] size is 3 and stride 0, expected 2 to 7 and a positive number}}
  %y = nn.blur_pool %x {stride = 0} : tensor<32x10x8x8xf32>
  return
}

// -----

func.func @too_small(%x: tensor<32x10x8x1xf32>) {
  // expected-error @+1 {{[blur_pool_c3] the filter has 6 taps, the padded image 5 pixels}}
  %y = nn.blur_pool %x {size = 6} : tensor<32x10x8x1xf32>
  return
}

// -----

func.func @cotangent(%dy: tensor<32x10x4x5xf32>) {
  // expected-error @+1 {{[blur_pool_c4] the cotangent is 32x10x4x5, expected 32x10x4x4}}
  %dx = nn.blur_pool_backward %dy {input_size = array<i64: 8, 8>} : tensor<32x10x4x5xf32>
  return
}

// -----

func.func @slopes(%x: tensor<32x10x8xf32>, %s: tensor<8xf32>) {
  // expected-error @+1 {{[linalg_prelu_c1] the input is 'tensor<32x10x8xf32>', the slopes are 'tensor<8xf32>', expected [N, C, ...] and [C]}}
  %y = nn.linalg_prelu %x, %s : tensor<32x10x8xf32>, tensor<8xf32>
  return
}
