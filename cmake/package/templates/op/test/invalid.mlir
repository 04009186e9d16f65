// RUN: gradmill-opt --plugin=%plugin %s -split-input-file -verify-diagnostics

func.func @scale(%x: tensor<32x10xf32>) {
  // expected-error @+1 {{[@name@_c1] scale is 0.000000e+00, expected a positive number}}
  %y = nn.@name@ %x {scale = 0.0} : tensor<32x10xf32>
  return
}
