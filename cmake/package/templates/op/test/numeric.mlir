// RUN: gradmill check %s --plugin %plugin --batch 13 | FileCheck %s

// CHECK: ok double: forward {{.*}} backward {{.*}} finite
func.func @double(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %y = nn.@name@ %x {scale = 1.5} : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}

// Behind a convolution, in the same sweep.
// CHECK: ok fused
func.func @fused(%x: tensor<?x2x5x4xf32>, %w: tensor<3x2x3x3xf32>) -> tensor<?x3x3x2xf32> {
  %c = nn.conv2d %x, %w : tensor<?x2x5x4xf32>, tensor<3x2x3x3xf32>
  %y = nn.@name@ %c : tensor<?x3x3x2xf32>
  return %y : tensor<?x3x3x2xf32>
}
