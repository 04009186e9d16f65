// RUN: gradmill-numeric %s --batch=13 | FileCheck %s
// Several groups of images a task, the last one filled up.
// RUN: gradmill-numeric %s --batch=141 --no-gradient | FileCheck %s

// Normalized by the batch: mean and biased variance, whose dependence on x is part of the
// cotangent. 13 * 5 * 4 elements per channel, in partial sums.
// CHECK: ok train:
func.func @train(%x: tensor<?x3x5x4xf64>, %g: tensor<3xf64>, %b: tensor<3xf64>, %m: tensor<3xf64>, %v: tensor<3xf64> {nn.positive}) -> tensor<?x3x5x4xf64> {
  %y:5 = nn.batch_norm_train %x, %g, %b, %m, %v {eps = 1.0e-5, momentum = 0.1} : tensor<?x3x5x4xf64>
  return %y#0 : tensor<?x3x5x4xf64>
}

// Statistics given: a formula per element.
// CHECK: ok inference:
func.func @inference(%x: tensor<?x33xf32>, %w: tensor<5x33xf32>, %g: tensor<5xf32>, %b: tensor<5xf32>) -> tensor<?x5xf32> {
  %mean = nn.constant dense<[0.5, -0.5, 0.0, 1.0, 2.0]> : tensor<5xf32>
  %var = nn.constant dense<[1.0, 4.0, 0.25, 1.0e-3, 9.0]> : tensor<5xf32>
  %l = nn.linear %x, %w : tensor<?x33xf32>, tensor<5x33xf32>
  %y = nn.batch_norm %l, %g, %b, %mean, %var {eps = 1.0e-3} : tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}
