// RUN: gradmill-numeric %s --no-gradient | FileCheck %s

// Infinities, NaNs, kinks and large numbers: compiled code does as the references, and these
// as PyTorch.

// CHECK: ok relu:
func.func @relu(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.relu %x : tensor<1x16xf32>
  %dx = nn.relu_backward %dy, %y : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok relu6:
func.func @relu6(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.relu6 %x : tensor<1x16xf32>
  %dx = nn.relu6_backward %dy, %y : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok leaky_relu:
func.func @leaky_relu(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.leaky_relu %x {negative_slope = 2.000000e-01 : f64} : tensor<1x16xf32>
  %dx = nn.leaky_relu_backward %dy, %y {negative_slope = 2.000000e-01 : f64} : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok elu:
func.func @elu(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.elu %x {alpha = 5.000000e-01 : f64} : tensor<1x16xf32>
  %dx = nn.elu_backward %dy, %y {alpha = 5.000000e-01 : f64} : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok sigmoid:
func.func @sigmoid(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.sigmoid %x : tensor<1x16xf32>
  %dx = nn.sigmoid_backward %dy, %y : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok tanh:
func.func @tanh(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.tanh %x : tensor<1x16xf32>
  %dx = nn.tanh_backward %dy, %y : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok silu:
func.func @silu(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.silu %x : tensor<1x16xf32>
  %dx = nn.silu_backward %dy, %x : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok hardsigmoid:
func.func @hardsigmoid(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.hardsigmoid %x : tensor<1x16xf32>
  %dx = nn.hardsigmoid_backward %dy, %y : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok hardswish:
func.func @hardswish(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.hardswish %x : tensor<1x16xf32>
  %dx = nn.hardswish_backward %dy, %x : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok gelu:
func.func @gelu(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.gelu %x {approximate = "tanh"} : tensor<1x16xf32>
  %dx = nn.gelu_backward %dy, %x {approximate = "tanh"} : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok softplus:
func.func @softplus(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.softplus %x {beta = 2.000000e+00 : f64, threshold = 1.000000e+00 : f64} : tensor<1x16xf32>
  %dx = nn.softplus_backward %dy, %x {beta = 2.000000e+00 : f64, threshold = 1.000000e+00 : f64} : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok mish:
func.func @mish(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.mish %x : tensor<1x16xf32>
  %dx = nn.mish_backward %dy, %x : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok gelu_2:
func.func @gelu_2(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.gelu %x : tensor<1x16xf32>
  %dx = nn.gelu_backward %dy, %x : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok leaky_relu_2:
func.func @leaky_relu_2(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.leaky_relu %x {negative_slope = -0.2} : tensor<1x16xf32>
  %dx = nn.leaky_relu_backward %dy, %x {negative_slope = -0.2} : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}

// CHECK: ok elu_2:
func.func @elu_2(%dy: tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>) {
  %x = nn.constant dense<[[0x7F800000, 0xFF800000, 0x7FC00000, 0.0, -0.0, 3.0, -3.0, 6.0, 1.0e+10, -1.0e+10, 90.0, -90.0, -110.0, 20.0, 1.0e-40, -1.0e-40]]> : tensor<1x16xf32>
  %y = nn.elu %x {alpha = -0.5} : tensor<1x16xf32>
  %dx = nn.elu_backward %dy, %x {alpha = -0.5} : tensor<1x16xf32>
  return %y, %dx : tensor<1x16xf32>, tensor<1x16xf32>
}
