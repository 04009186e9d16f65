// RUN: printf '\000\000\200\077\000\000\000\100\000\000\100\100\000\000\200\100' > %t.image
// RUN: gradmill run %s --batch 1 --init --json %t.image 2>/dev/null | FileCheck %s

// torch.nn.BatchNorm1d(1) in eval mode, by hand: x = 1, 2, 3, 4 with running mean 2, running
// variance 4, eps 0.5, weight 3 and bias 1: y = (x - 2) / sqrt(4.5) * 3 + 1, where
// 3 / sqrt(4.5) = 1.41421356.
// CHECK: -0.41421{{[0-9]*}},1{{(\.0)?}},2.4142{{[0-9]*}},3.8284{{[0-9]*}}
func.func @main(%x: tensor<1x1x4xf32>) -> tensor<1x4xf32> {
  %w = nn.constant dense<3.0> : tensor<1xf32>
  %b = nn.constant dense<1.0> : tensor<1xf32>
  %m = nn.parameter "mean" {role = "buffer", init = 2.0 : f32} : tensor<1xf32>
  %v = nn.parameter "var" {role = "buffer", init = 4.0 : f32} : tensor<1xf32>
  %y = nn.batch_norm %x, %w, %b, %m, %v {eps = 0.5} : tensor<1x1x4xf32>
  %f = nn.flatten %y : tensor<1x1x4xf32>
  return %f : tensor<1x4xf32>
}
