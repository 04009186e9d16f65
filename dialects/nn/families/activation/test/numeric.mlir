// RUN: gradmill-numeric %s --batch=13 | FileCheck %s

// Drawn numbers lie between -1 and 1, and are never within a finite difference of a kink.
// CHECK: ok relu:
func.func @relu(%x: tensor<?x5x3x2xf64>) -> tensor<?x5x3x2xf64> {
  %y = nn.relu %x : tensor<?x5x3x2xf64>
  return %y : tensor<?x5x3x2xf64>
}

// CHECK: ok single_precision:
func.func @single_precision(%x: tensor<?x33xf32>) -> tensor<?x33xf32> {
  %y = nn.relu %x : tensor<?x33xf32>
  return %y : tensor<?x33xf32>
}

// A residual connection: two cotangents meet in one sum.
// CHECK: ok residual:
func.func @residual(%x: tensor<?x3x4x4xf64>, %w: tensor<3x3x3x3xf64>) -> tensor<?x3x4x4xf64> {
  %c = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<?x3x4x4xf64>, tensor<3x3x3x3xf64>
  %a = nn.relu %c : tensor<?x3x4x4xf64>
  %y = nn.add %a, %x : tensor<?x3x4x4xf64>
  return %y : tensor<?x3x4x4xf64>
}

// From -12 to 12 all branches run, of the formulas and of the f64 functions in them.

// CHECK: ok relu6: forward {{.*}} backward {{.*}} finite
func.func @relu6(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.relu6 %s : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok leaky_relu: forward {{.*}} backward {{.*}} finite
func.func @leaky_relu(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.leaky_relu %s {negative_slope = 0.2} : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok elu: forward {{.*}} backward {{.*}} finite
func.func @elu(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.elu %s {alpha = 0.5} : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok sigmoid: forward {{.*}} backward {{.*}} finite
func.func @sigmoid(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.sigmoid %s : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok tanh: forward {{.*}} backward {{.*}} finite
func.func @tanh(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.tanh %s : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok silu: forward {{.*}} backward {{.*}} finite
func.func @silu(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.silu %s : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok hardsigmoid: forward {{.*}} backward {{.*}} finite
func.func @hardsigmoid(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.hardsigmoid %s : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok hardswish: forward {{.*}} backward {{.*}} finite
func.func @hardswish(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.hardswish %s : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok gelu: forward {{.*}} backward {{.*}} finite
func.func @gelu(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.gelu %s {approximate = "tanh"} : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok softplus: forward {{.*}} backward {{.*}} finite
func.func @softplus(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.softplus %s {beta = 2.0, threshold = 1.0} : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok mish: forward {{.*}} backward {{.*}} finite
func.func @mish(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.mish %s : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok leaky_relu_2: forward {{.*}} backward {{.*}} finite
func.func @leaky_relu_2(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.leaky_relu %s {negative_slope = -0.3} : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok elu_2: forward {{.*}} backward {{.*}} finite
func.func @elu_2(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.elu %s {alpha = -0.5} : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok gelu_2: forward {{.*}} backward {{.*}} finite
func.func @gelu_2(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.gelu %s : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// CHECK: ok softplus_2: forward {{.*}} backward {{.*}} finite
func.func @softplus_2(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 12.0>} : tensor<?x7x5xf64>
  %y = nn.softplus %s {beta = -0.5} : tensor<?x7x5xf64>
  return %y : tensor<?x7x5xf64>
}

// Close to 0, where 1 + x and 1 + erf(x) have lost what exp(x) - 1, log(1 + x) and erf(x) have not.
// CHECK: ok tiny:
func.func @tiny(%x: tensor<?x7x5xf64>) -> tensor<?x7x5xf64> {
  %s = nn.weighted_sum %x {weights = array<f64: 1.0e-9>} : tensor<?x7x5xf64>
  %a = nn.elu %s : tensor<?x7x5xf64>
  %b = nn.weighted_sum %a {weights = array<f64: 1.0e+9>} : tensor<?x7x5xf64>
  return %b : tensor<?x7x5xf64>
}

// In f32 exponentials and error functions are polynomials. In one kernel with a convolution.
// CHECK: ok polynomials:
func.func @polynomials(%x: tensor<?x2x4x3xf32>, %w: tensor<5x2x1x1xf32>) -> (tensor<?x5x4x3xf32>, tensor<?x5x4x3xf32>, tensor<?x5x4x3xf32>, tensor<?x5x4x3xf32>) {
  %c = nn.conv2d %x, %w : tensor<?x2x4x3xf32>, tensor<5x2x1x1xf32>
  %s = nn.weighted_sum %c {weights = array<f64: 6.0>} : tensor<?x5x4x3xf32>
  %a = nn.gelu %s : tensor<?x5x4x3xf32>
  %b = nn.elu %s : tensor<?x5x4x3xf32>
  %e = nn.softplus %s : tensor<?x5x4x3xf32>
  %d = nn.mish %s : tensor<?x5x4x3xf32>
  %m = nn.tanh %s : tensor<?x5x4x3xf32>
  %f = nn.sigmoid %s : tensor<?x5x4x3xf32>
  %g = nn.add %d, %m : tensor<?x5x4x3xf32>
  %h = nn.add %e, %f : tensor<?x5x4x3xf32>
  return %a, %b, %g, %h : tensor<?x5x4x3xf32>, tensor<?x5x4x3xf32>, tensor<?x5x4x3xf32>, tensor<?x5x4x3xf32>
}

// CHECK: ok prelu:
func.func @prelu(%x: tensor<?x5x3x2xf64>, %w: tensor<5xf64>) -> tensor<?x5x3x2xf64> {
  %y = nn.prelu %x, %w : tensor<?x5x3x2xf64>, tensor<5xf64>
  return %y : tensor<?x5x3x2xf64>
}

// CHECK: ok prelu_shared:
func.func @prelu_shared(%x: tensor<?x5xf32>, %w: tensor<1xf32>) -> tensor<?x5xf32> {
  %y = nn.prelu %x, %w : tensor<?x5xf32>, tensor<1xf32>
  return %y : tensor<?x5xf32>
}

// One channel: the weight's cotangent needs no sum over channels.
// CHECK: ok prelu_one_channel:
func.func @prelu_one_channel(%x: tensor<?x1x3xf64>, %w: tensor<1xf64>) -> tensor<?x1x3xf64> {
  %y = nn.prelu %x, %w : tensor<?x1x3xf64>, tensor<1xf64>
  return %y : tensor<?x1x3xf64>
}
