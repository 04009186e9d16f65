// RUN: gradmill-numeric %s --batch=13 | FileCheck %s
// RUN: gradmill-numeric %s --batch=16 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 | FileCheck %s
// RUN: gradmill-numeric %s --batch=5 --no-fuse | FileCheck %s

// Derivatives by the target, too.
// CHECK: ok mse: forward {{.*}} backward {{.*}} finite
func.func @mse(%y: tensor<?x3xf64>, %t: tensor<?x3xf64>) -> tensor<f64> {
  %e = nn.squared_error %y, %t : tensor<?x3xf64>
  %loss = nn.mean %e : tensor<?x3xf64>
  return %loss : tensor<f64>
}

// CHECK: ok l1: forward {{.*}} backward {{.*}} finite
func.func @l1(%y: tensor<?x3x4x5xf64>, %t: tensor<?x3x4x5xf64>) -> tensor<f64> {
  %e = nn.absolute_error %y, %t : tensor<?x3x4x5xf64>
  %loss = nn.mean %e : tensor<?x3x4x5xf64>
  return %loss : tensor<f64>
}

// Both branches: targets and predictions are up to 2 apart.
// CHECK: ok huber: forward {{.*}} backward {{.*}} finite
func.func @huber(%y: tensor<?x3x7xf64>, %t: tensor<?x3x7xf64>) -> tensor<f64> {
  %e = nn.huber %y, %t {delta = 0.3} : tensor<?x3x7xf64>
  %loss = nn.mean %e : tensor<?x3x7xf64>
  return %loss : tensor<f64>
}

// CHECK: ok bce: forward {{.*}} backward {{.*}} finite
func.func @bce(%x: tensor<?x5xf64>, %t: tensor<?x5xf64> {nn.positive}) -> tensor<f64> {
  %e = nn.bce_with_logits %x, %t : tensor<?x5xf64>
  %loss = nn.mean %e : tensor<?x5xf64>
  return %loss : tensor<f64>
}

// CHECK: ok bce_per_channel: forward {{.*}} backward {{.*}} finite
func.func @bce_per_channel(%x: tensor<?x3x2x2xf64>, %t: tensor<?x3x2x2xf64>) -> tensor<f64> {
  %p = nn.constant dense<[0.5, 2.0, 7.0]> : tensor<3xf64>
  %e = nn.bce_with_logits %x, %t pos_weight %p : tensor<?x3x2x2xf64>, tensor<3xf64>
  %loss = nn.mean %e : tensor<?x3x2x2xf64>
  return %loss : tensor<f64>
}

// CHECK: ok bce_one_weight: forward {{.*}} backward {{.*}} finite
func.func @bce_one_weight(%x: tensor<?x3xf64>, %t: tensor<?x3xf64>) -> tensor<?x3xf64> {
  %p = nn.constant dense<3.0> : tensor<f64>
  %e = nn.bce_with_logits %x, %t pos_weight %p : tensor<?x3xf64>, tensor<f64>
  return %e : tensor<?x3xf64>
}

// exp(200) is no f32: neither overflows.
// CHECK: ok large_logits:
func.func @large_logits(%x: tensor<?x5xf32> {nn.offset = 200.0}, %z: tensor<?x5xf32> {nn.offset = -200.0}, %t: tensor<?x5xf32>) -> (tensor<f32>, tensor<f32>) {
  %e = nn.bce_with_logits %x, %t : tensor<?x5xf32>
  %a = nn.mean %e : tensor<?x5xf32>
  %f = nn.bce_with_logits %z, %t : tensor<?x5xf32>
  %b = nn.mean %f : tensor<?x5xf32>
  return %a, %b : tensor<f32>, tensor<f32>
}

// CHECK: ok single_precision:
func.func @single_precision(%x: tensor<?x33xf32>, %t: tensor<?x33xf32>) -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = nn.bce_with_logits %x, %t : tensor<?x33xf32>
  %1 = nn.huber %x, %t : tensor<?x33xf32>
  %2 = nn.squared_error %x, %t : tensor<?x33xf32>
  %3 = nn.absolute_error %x, %t : tensor<?x33xf32>
  %a = nn.mean %0 : tensor<?x33xf32>
  %b = nn.mean %1 : tensor<?x33xf32>
  %c = nn.mean %2 : tensor<?x33xf32>
  %d = nn.mean %3 : tensor<?x33xf32>
  return %a, %b, %c, %d : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
}

// Losses as one number. %a is used twice: cotangents of 0-d tensors meet in a sum.
// CHECK: ok weighted_sum: forward {{.*}} backward {{.*}} finite
func.func @weighted_sum(%x: tensor<?x5xf64>, %y: tensor<?x5xf64>) -> tensor<f64> {
  %a = nn.mean %x : tensor<?x5xf64>
  %b = nn.mean %y : tensor<?x5xf64>
  %s = nn.weighted_sum %a, %b, %a {weights = array<f64: 0.5, -2.0, 1.0>} : tensor<f64>, tensor<f64>, tensor<f64>
  %z = nn.add %s, %b : tensor<f64>
  return %z : tensor<f64>
}

// Elements, not only numbers.
// CHECK: ok difference: forward {{.*}} backward {{.*}} finite
func.func @difference(%x: tensor<?x5x2xf64>, %y: tensor<?x5x2xf64>) -> tensor<?x5x2xf64> {
  %d = nn.weighted_sum %x, %y {weights = array<f64: 1.0, -1.0>} : tensor<?x5x2xf64>, tensor<?x5x2xf64>
  return %d : tensor<?x5x2xf64>
}

// Behind a convolution; one image has its channels in the lanes.
// CHECK: ok behind_convolution: forward {{.*}} backward {{.*}} finite
func.func @behind_convolution(%x: tensor<?x2x5x4xf64>, %w: tensor<3x2x3x3xf64>, %t: tensor<?x3x3x2xf64>) -> tensor<f64> {
  %c = nn.conv2d %x, %w : tensor<?x2x5x4xf64>, tensor<3x2x3x3xf64>
  %e = nn.bce_with_logits %c, %t : tensor<?x3x3x2xf64>
  %loss = nn.mean %e : tensor<?x3x3x2xf64>
  return %loss : tensor<f64>
}

// One number for each sample.
// CHECK: ok samples:
func.func @samples(%p: tensor<?xf64>, %t: tensor<?xf64>) -> tensor<f64> {
  %e = nn.squared_error %p, %t : tensor<?xf64>
  %loss = nn.mean %e : tensor<?xf64>
  return %loss : tensor<f64>
}
