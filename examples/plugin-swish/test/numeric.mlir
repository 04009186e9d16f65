// REQUIRES: plugin-swish
// RUN: gradmill-numeric --plugin=%plugins/gradmill-plugin-swish.so %s --batch=13 | FileCheck %s

// CHECK: ok swish: forward {{.*}} backward {{.*}} finite
func.func @swish(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %y = nn.swish %x {beta = 1.5} : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}

// CHECK: ok single_precision
func.func @single_precision(%x: tensor<?x5x3x2xf32>) -> tensor<?x5x3x2xf32> {
  %y = nn.swish %x : tensor<?x5x3x2xf32>
  return %y : tensor<?x5x3x2xf32>
}

// Behind a convolution, in the same sweep.
// CHECK: ok fused
func.func @fused(%x: tensor<?x2x5x4xf64>, %w: tensor<3x2x3x3xf64>) -> tensor<?x3x3x2xf64> {
  %c = nn.conv2d %x, %w : tensor<?x2x5x4xf64>, tensor<3x2x3x3xf64>
  %y = nn.swish %c {beta = -0.75} : tensor<?x3x3x2xf64>
  return %y : tensor<?x3x3x2xf64>
}
