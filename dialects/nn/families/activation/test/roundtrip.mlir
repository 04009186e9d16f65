// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @relu
func.func @relu(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.relu %{{.*}} : tensor<?x16x26x26xf32>
  %y = nn.relu %x : tensor<?x16x26x26xf32>
  // CHECK: nn.relu_backward %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %dx = nn.relu_backward %x, %y : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @relu6
func.func @relu6(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.relu6 %{{.*}} : tensor<?x16x26x26xf32>
  %y = nn.relu6 %x : tensor<?x16x26x26xf32>
  // CHECK: nn.relu6_backward %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %dx = nn.relu6_backward %x, %y : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @leaky_relu
func.func @leaky_relu(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.leaky_relu %{{.*}} {negative_slope = 2.000000e-01 : f64} : tensor<?x16x26x26xf32>
  %y = nn.leaky_relu %x {negative_slope = 2.000000e-01 : f64} : tensor<?x16x26x26xf32>
  // CHECK: nn.leaky_relu_backward %{{.*}}, %{{.*}} {negative_slope = 2.000000e-01 : f64} : tensor<?x16x26x26xf32>
  %dx = nn.leaky_relu_backward %x, %y {negative_slope = 2.000000e-01 : f64} : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @elu
func.func @elu(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.elu %{{.*}} {alpha = 5.000000e-01 : f64} : tensor<?x16x26x26xf32>
  %y = nn.elu %x {alpha = 5.000000e-01 : f64} : tensor<?x16x26x26xf32>
  // CHECK: nn.elu_backward %{{.*}}, %{{.*}} {alpha = 5.000000e-01 : f64} : tensor<?x16x26x26xf32>
  %dx = nn.elu_backward %x, %y {alpha = 5.000000e-01 : f64} : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @sigmoid
func.func @sigmoid(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.sigmoid %{{.*}} : tensor<?x16x26x26xf32>
  %y = nn.sigmoid %x : tensor<?x16x26x26xf32>
  // CHECK: nn.sigmoid_backward %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %dx = nn.sigmoid_backward %x, %y : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @tanh
func.func @tanh(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.tanh %{{.*}} : tensor<?x16x26x26xf32>
  %y = nn.tanh %x : tensor<?x16x26x26xf32>
  // CHECK: nn.tanh_backward %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %dx = nn.tanh_backward %x, %y : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @silu
func.func @silu(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.silu %{{.*}} : tensor<?x16x26x26xf32>
  %y = nn.silu %x : tensor<?x16x26x26xf32>
  // CHECK: nn.silu_backward %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %dx = nn.silu_backward %x, %y : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @hardsigmoid
func.func @hardsigmoid(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.hardsigmoid %{{.*}} : tensor<?x16x26x26xf32>
  %y = nn.hardsigmoid %x : tensor<?x16x26x26xf32>
  // CHECK: nn.hardsigmoid_backward %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %dx = nn.hardsigmoid_backward %x, %y : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @hardswish
func.func @hardswish(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.hardswish %{{.*}} : tensor<?x16x26x26xf32>
  %y = nn.hardswish %x : tensor<?x16x26x26xf32>
  // CHECK: nn.hardswish_backward %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %dx = nn.hardswish_backward %x, %y : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @gelu
func.func @gelu(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.gelu %{{.*}} {approximate = "tanh"} : tensor<?x16x26x26xf32>
  %y = nn.gelu %x {approximate = "tanh"} : tensor<?x16x26x26xf32>
  // CHECK: nn.gelu_backward %{{.*}}, %{{.*}} {approximate = "tanh"} : tensor<?x16x26x26xf32>
  %dx = nn.gelu_backward %x, %y {approximate = "tanh"} : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @softplus
func.func @softplus(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.softplus %{{.*}} {beta = 2.000000e+00 : f64, threshold = 1.000000e+00 : f64} : tensor<?x16x26x26xf32>
  %y = nn.softplus %x {beta = 2.000000e+00 : f64, threshold = 1.000000e+00 : f64} : tensor<?x16x26x26xf32>
  // CHECK: nn.softplus_backward %{{.*}}, %{{.*}} {beta = 2.000000e+00 : f64, threshold = 1.000000e+00 : f64} : tensor<?x16x26x26xf32>
  %dx = nn.softplus_backward %x, %y {beta = 2.000000e+00 : f64, threshold = 1.000000e+00 : f64} : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @mish
func.func @mish(%x: tensor<?x16x26x26xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.mish %{{.*}} : tensor<?x16x26x26xf32>
  %y = nn.mish %x : tensor<?x16x26x26xf32>
  // CHECK: nn.mish_backward %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %dx = nn.mish_backward %x, %y : tensor<?x16x26x26xf32>
  return %dx : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @prelu
func.func @prelu(%x: tensor<?x16x5xf32>, %w: tensor<16xf32>) -> tensor<?x16x5xf32> {
  // CHECK: nn.prelu %{{.*}}, %{{.*}} : tensor<?x16x5xf32>, tensor<16xf32>
  %y = nn.prelu %x, %w : tensor<?x16x5xf32>, tensor<16xf32>
  // CHECK: nn.prelu_backward_weight %{{.*}}, %{{.*}} : tensor<?x16x5xf32>
  %dw = nn.prelu_backward_weight %y, %x : tensor<?x16x5xf32>
  %sum = nn.sum_to %dw {shape = array<i64: 1>} : tensor<16xf32>
  // CHECK: nn.prelu_backward %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x16x5xf32>, tensor<1xf32>
  %dx = nn.prelu_backward %y, %x, %sum : tensor<?x16x5xf32>, tensor<1xf32>
  return %dx : tensor<?x16x5xf32>
}
