// RUN: gradmill-opt --build-loss --build-training-step='transforms=clip_value:max=0.5;clip_norm:max=2' %s | FileCheck %s
// RUN: gradmill-opt --build-loss --build-training-step='groups=v:lr=0 transforms=clip_norm ema=0.99' %s | FileCheck %s --check-prefix=FROZEN
// RUN: gradmill-opt --build-loss --build-training-step=accumulate=4 %s | FileCheck %s --check-prefix=SPLIT
// RUN: not gradmill-opt --build-loss --build-training-step=transforms=clip_nrom %s 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: [unknown_transform] there is no transform "clip_nrom"; there are: clip_norm, clip_value, l1, l2; did you mean clip_norm?

// What is done to all gradients before the first update.
// CHECK-LABEL: func.func @train(
// CHECK:       %[[DW:.*]] = nn.linear_backward_weights
// CHECK:       %[[DV:.*]] = nn.linear_backward_weights
// CHECK-DAG:   %[[CW:.*]] = nn.clamp %[[DW]] {max = 5.000000e-01 : f64, min = -5.000000e-01 : f64}
// CHECK-DAG:   %[[CV:.*]] = nn.clamp %[[DV]] {max = 5.000000e-01 : f64, min = -5.000000e-01 : f64}
// CHECK:       %[[F:.*]] = nn.clip_factor {{.*}} {max = 2.000000e+00 : f64} : tensor<4x4xf32>, tensor<3x4xf32>
// CHECK:       nn.mul %{{.*}}, %[[F]] : tensor<4x4xf32>, tensor<f32>
// CHECK:       nn.mul %{{.*}}, %[[F]] : tensor<3x4xf32>, tensor<f32>
// CHECK-COUNT-2: nn.sgd_momentum

// What is frozen has no share in the norm, and no average.
// FROZEN-LABEL: func.func @train(
// FROZEN:       nn.clip_factor %{{[^,]*}} {max = 1.000000e+00 : f64} : tensor<4x4xf32>
// FROZEN:       %[[NEW:.*]], %{{.*}} = nn.sgd_momentum
// FROZEN:       %[[A:.*]] = nn.parameter "u/average" {init = 0.000000e+00 : f64, role = "average"}
// FROZEN:       %[[NA:.*]] = nn.moving_average %[[A]], %[[NEW]], %{{.*}} {decay = 0.98999999{{[0-9]*}} : f64}
// FROZEN-NOT:   "v/average"
// FROZEN:       nn.assign "u/average", %[[NA]]

// Two programs: only the second has a learning rate. It clears the sums.
// SPLIT-LABEL: func.func @accumulate(
// SPLIT-NOT:   learning_rate
// SPLIT:       %[[S:.*]] = nn.parameter "u/gradient" {init = 0.000000e+00 : f64, role = "gradient"}
// SPLIT:       %[[N:.*]] = nn.add %[[S]], %{{.*}}
// SPLIT-NOT:   sgd
// SPLIT:       nn.assign "u/gradient", %[[N]]
// SPLIT-NOT:   nn.assign "u"
// SPLIT-LABEL: func.func @update(
// SPLIT-SAME:  %{{.*}}: tensor<f32> {nn.name = "learning_rate", nn.port = "control"}, %{{.*}}: tensor<i64> {nn.name = "step", nn.port = "control"})
// SPLIT:       nn.parameter "u" : tensor<4x4xf32>
// SPLIT:       %[[S:.*]] = nn.parameter "u/gradient"
// SPLIT:       %[[Z:.*]] = nn.zero_like %[[S]]
// SPLIT:       %[[M:.*]] = nn.weighted_sum %[[S]] {weights = array<f64: 2.500000e-01>}
// SPLIT:       nn.sgd_momentum %{{.*}}, %[[M]]
// SPLIT:       nn.assign "u"
// SPLIT:       nn.assign "u/gradient", %[[Z]]
// SPLIT:       nn.assign "u/velocity"
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %u = nn.parameter "u" : tensor<4x4xf32>
  %v = nn.parameter "v" : tensor<3x4xf32>
  %h = nn.linear %x, %u : tensor<?x4xf32>, tensor<4x4xf32>
  %y = nn.linear %h, %v : tensor<?x4xf32>, tensor<3x4xf32>
  %o = nn.log_softmax %y : tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}
