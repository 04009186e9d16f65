// RUN: gradmill-numeric %s --batch=45 --no-gradient | FileCheck %s

// Sums over channels, fused behind: each part of a batch begins them once.
// CHECK: ok concat_norm:
func.func @concat_norm(%a: tensor<?x3x2x4xf64>, %b: tensor<?x5x2x4xf64>) -> tensor<8xf64> {
  %x = nn.concat %a, %b : tensor<?x3x2x4xf64>, tensor<?x5x2x4xf64>
  %s = nn.channel_sum %x : tensor<?x8x2x4xf64>
  return %s : tensor<8xf64>
}
