// RUN: gradmill-opt --build-loss --build-training-step=optimizer=sgd:momentum=0 %s | FileCheck %s --check-prefixes=CHECK,PLAIN
// RUN: gradmill-opt --build-loss --build-training-step=optimizer=sgd:momentum=0.5,nesterov=true,weight_decay=1e-4 %s | FileCheck %s --check-prefixes=CHECK,MOMENTUM
// RUN: gradmill-opt --build-loss --build-training-step=optimizer=adamw %s | FileCheck %s --check-prefixes=CHECK,ADAMW
// RUN: gradmill-opt --build-loss --build-training-step=optimizer=adam:beta1=0.8 %s | FileCheck %s --check-prefixes=CHECK,ADAM

// What the update rules build from a parameter and its cotangent. Plain SGD keeps no state.
// CHECK-LABEL: func.func @train(
// CHECK:       %[[W:.*]] = nn.parameter "w" : tensor<3x4xf32>
// CHECK:       %[[DW:.*]] = nn.linear_backward_weights
// PLAIN-NOT:     nn.parameter
// PLAIN:         %[[NEW:.*]] = nn.sgd %[[W]], %[[DW]], %arg2 {weight_decay = 0.000000e+00 : f64}
// PLAIN:         nn.assign "w", %[[NEW]]
// PLAIN-NOT:     nn.assign
// MOMENTUM:      %[[V:.*]] = nn.parameter "w/velocity" {init = 0.000000e+00 : f64, role = "optimizer"} : tensor<3x4xf32>
// MOMENTUM:      %[[NEW:.*]], %[[NV:.*]] = nn.sgd_momentum %[[W]], %[[DW]], %[[V]], %arg2 {momentum = 5.000000e-01 : f64, nesterov = true, weight_decay = 1.000000e-04 : f64}
// MOMENTUM:      nn.assign "w", %[[NEW]]
// MOMENTUM:      nn.assign "w/velocity", %[[NV]]
// ADAMW:         nn.parameter "w/first" {init = 0.000000e+00 : f64, role = "optimizer"}
// ADAMW:         nn.parameter "w/second" {init = 0.000000e+00 : f64, role = "optimizer"}
// ADAMW:         nn.adam {{.*}} %arg2, %arg4 {beta1 = 9.000000e-01 : f64, beta2 = 0.9989{{[0-9]*}} : f64, decoupled = true, eps = 1.000000e-08 : f64, weight_decay = 1.000000e-02 : f64}
// ADAM:          nn.adam {{.*}} {beta1 = 8.000000e-01 : f64, beta2 = 0.9989{{[0-9]*}} : f64, decoupled = false, eps = 1.000000e-08 : f64, weight_decay = 0.000000e+00 : f64}
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" : tensor<3x4xf32>
  %y = nn.linear %x, %w : tensor<?x4xf32>, tensor<3x4xf32>
  %o = nn.log_softmax %y : tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}
