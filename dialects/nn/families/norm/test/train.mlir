// RUN: gradmill-numeric %s --train --batch=16 | FileCheck %s
// RUN: gradmill-numeric %s --train --batch=13 --no-fuse | FileCheck %s

// A whole step: the loss, the updated parameters, and the running statistics, which take
// the unbiased variance: running = 0.9*running + 0.1*sum((x - mean)^2)/(n - 1), as PyTorch.
// CHECK: ok train: forward
func.func @main(%x: tensor<?x2x6x6xf64>) -> tensor<?x10xf64> {
  %w = nn.parameter "conv.weight" : tensor<10x2x3x3xf64>
  %g = nn.parameter "norm.weight" : tensor<10xf64>
  %b = nn.parameter "norm.bias" : tensor<10xf64>
  %m = nn.parameter "norm.running_mean" {role = "buffer"} : tensor<10xf64>
  %v = nn.parameter "norm.running_var" {role = "buffer"} : tensor<10xf64>
  %c = nn.conv2d %x, %w : tensor<?x2x6x6xf64>, tensor<10x2x3x3xf64>
  %n = nn.batch_norm %c, %g, %b, %m, %v : tensor<?x10x4x4xf64>
  %d = nn.dropout %n {p = 0.25} : tensor<?x10x4x4xf64>
  %p = nn.global_avg_pool %d : tensor<?x10x4x4xf64>
  %f = nn.flatten %p : tensor<?x10x1x1xf64>
  %o = nn.log_softmax %f : tensor<?x10xf64>
  return %o : tensor<?x10xf64>
}
