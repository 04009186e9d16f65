// RUN: gradmill-opt %s -split-input-file -verify-diagnostics --specialize-batch=batch=128

// expected-error @+1 {{[tensor_size] a tensor is 'tensor<128x1x100000x100000xf32>', which takes more than 64 GiB}}
func.func @huge(%x: tensor<?x1x100000x100000xf32>) -> tensor<?x1x100000x100000xf32> {
  return %x : tensor<?x1x100000x100000xf32>
}

// -----

// expected-error @+1 {{expected every dimension to be at least 1}}
func.func @empty(%x: tensor<?x0x4xf32>) -> tensor<?x0x4xf32> {
  return %x : tensor<?x0x4xf32>
}

// -----

// 2^17 x 2^17 taps for each of about as many pixels: 2^68 do not even fit into 64 bits.
func.func @work(%x: tensor<1x1x70000x70000xf32>, %w: tensor<1x1x70000x70000xf32>) -> tensor<1x1x70001x70001xf32> {
  // expected-error @+1 {{[op_work] the op takes more than 2^52 multiply-adds}}
  %y = nn.conv2d %x, %w {padding = array<i64: 35000, 35000>} : tensor<1x1x70000x70000xf32>, tensor<1x1x70000x70000xf32>
  return %y : tensor<1x1x70001x70001xf32>
}
