// RUN: gradmill-numeric %s --batch=13 | FileCheck %s
// RUN: gradmill-numeric %s --batch=16 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 | FileCheck %s
// RUN: gradmill-numeric %s --batch=5 --no-fuse | FileCheck %s

// CHECK: ok smoothed: forward {{.*}} backward {{.*}} finite
func.func @smoothed(%x: tensor<?x10xf64>, %labels: tensor<?xi32>) -> tensor<f64> {
  %y = nn.log_softmax %x : tensor<?x10xf64>
  %loss = nn.nll_loss %y, %labels {label_smoothing = 0.1} : tensor<?x10xf64>, tensor<?xi32>
  return %loss : tensor<f64>
}

// CHECK: ok smoothed_to_uniform: forward {{.*}} backward {{.*}} finite
func.func @smoothed_to_uniform(%x: tensor<?x4xf64>, %labels: tensor<?xi32> {nn.max = 4}) -> tensor<f64> {
  %y = nn.log_softmax %x : tensor<?x4xf64>
  %loss = nn.nll_loss %y, %labels {label_smoothing = 1.0} : tensor<?x4xf64>, tensor<?xi32>
  return %loss : tensor<f64>
}

// CHECK: ok weighted: forward {{.*}} backward {{.*}} finite
func.func @weighted(%x: tensor<?x3xf64>, %labels: tensor<?xi32> {nn.max = 3}) -> tensor<f64> {
  %w = nn.constant dense<[0.5, 2.0, 7.0]> : tensor<3xf64>
  %y = nn.log_softmax %x : tensor<?x3xf64>
  %loss = nn.nll_loss %y, %labels weights %w : tensor<?x3xf64>, tensor<?xi32>, tensor<3xf64>
  return %loss : tensor<f64>
}

// CHECK: ok ignored: forward {{.*}} backward {{.*}} finite
func.func @ignored(%x: tensor<?x3xf64>, %labels: tensor<?xi32> {nn.max = 4}) -> tensor<f64> {
  %y = nn.log_softmax %x : tensor<?x3xf64>
  %loss = nn.nll_loss %y, %labels {ignore_index = 3} : tensor<?x3xf64>, tensor<?xi32>
  return %loss : tensor<f64>
}

// A class can be ignored, too. Labels of 3 are outside of [0, 3).
// CHECK: ok everything: forward {{.*}} backward {{.*}} finite
func.func @everything(%x: tensor<?x3xf64>, %labels: tensor<?xi32> {nn.max = 4}) -> tensor<f64> {
  %w = nn.constant dense<[0.5, 2.0, 7.0]> : tensor<3xf64>
  %y = nn.log_softmax %x : tensor<?x3xf64>
  %loss = nn.nll_loss %y, %labels weights %w {ignore_index = 1, label_smoothing = 0.2} : tensor<?x3xf64>, tensor<?xi32>, tensor<3xf64>
  return %loss : tensor<f64>
}

// No label counts: zeros, not NaNs.
// CHECK: ok all_ignored: forward 0.0e+00 backward 0.0e+00 finite 0.0e+00
func.func @all_ignored(%x: tensor<?x3xf64>, %labels: tensor<?xi32> {nn.max = 1}) -> tensor<f64> {
  %y = nn.log_softmax %x : tensor<?x3xf64>
  %loss = nn.nll_loss %y, %labels {ignore_index = 0, label_smoothing = 0.2} : tensor<?x3xf64>, tensor<?xi32>
  return %loss : tensor<f64>
}

// CHECK: ok no_weight: forward 0.0e+00 backward 0.0e+00 finite 0.0e+00
func.func @no_weight(%x: tensor<?x3xf64>, %labels: tensor<?xi32> {nn.max = 1}) -> tensor<f64> {
  %w = nn.constant dense<[0.0, 2.0, 7.0]> : tensor<3xf64>
  %loss = nn.nll_loss %x, %labels weights %w : tensor<?x3xf64>, tensor<?xi32>, tensor<3xf64>
  return %loss : tensor<f64>
}

// Height and width differ: labels lie in another order than pixels.
// CHECK: ok pixels: forward {{.*}} backward {{.*}} finite
func.func @pixels(%x: tensor<?x3x4x5xf64>, %labels: tensor<?x4x5xi32> {nn.max = 3}) -> tensor<f64> {
  %y = nn.log_softmax %x : tensor<?x3x4x5xf64>
  %loss = nn.nll_loss %y, %labels : tensor<?x3x4x5xf64>, tensor<?x4x5xi32>
  return %loss : tensor<f64>
}

// CHECK: ok weighted_pixels: forward {{.*}} backward {{.*}} finite
func.func @weighted_pixels(%x: tensor<?x3x4x5xf64>, %labels: tensor<?x4x5xi32> {nn.max = 4}) -> tensor<f64> {
  %w = nn.constant dense<[0.5, 2.0, 7.0]> : tensor<3xf64>
  %y = nn.log_softmax %x : tensor<?x3x4x5xf64>
  %loss = nn.nll_loss %y, %labels weights %w {ignore_index = 3, label_smoothing = 0.1} : tensor<?x3x4x5xf64>, tensor<?x4x5xi32>, tensor<3xf64>
  return %loss : tensor<f64>
}

// CHECK: ok single_precision: forward {{.*}} backward {{.*}} finite
func.func @single_precision(%x: tensor<?x3x7xf32>, %labels: tensor<?x7xi32> {nn.max = 4}) -> tensor<f32> {
  %w = nn.constant dense<[0.5, 2.0, 7.0]> : tensor<3xf32>
  %y = nn.log_softmax %x : tensor<?x3x7xf32>
  %loss = nn.nll_loss %y, %labels weights %w {ignore_index = 3, label_smoothing = 0.1} : tensor<?x3x7xf32>, tensor<?x7xi32>, tensor<3xf32>
  return %loss : tensor<f32>
}

// Behind a convolution; one image has its channels in the lanes, and the loss does not.
// CHECK: ok behind_convolution: forward {{.*}} backward {{.*}} finite
func.func @behind_convolution(%x: tensor<?x2x5x4xf64>, %f: tensor<3x2x3x3xf64>, %labels: tensor<?x3x2xi32> {nn.max = 4}) -> tensor<f64> {
  %c = nn.conv2d %x, %f : tensor<?x2x5x4xf64>, tensor<3x2x3x3xf64>
  %y = nn.log_softmax %c : tensor<?x3x3x2xf64>
  %loss = nn.nll_loss %y, %labels {ignore_index = 3} : tensor<?x3x3x2xf64>, tensor<?x3x2xi32>
  return %loss : tensor<f64>
}
