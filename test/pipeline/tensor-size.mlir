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
