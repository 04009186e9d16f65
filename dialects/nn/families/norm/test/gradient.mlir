// RUN: gradmill-opt --build-loss --build-training-step %s | FileCheck %s
// RUN: gradmill-opt --differentiate %s | FileCheck %s --check-prefix=VJP

// In training, by the statistics of the batch; the running ones are set, not trained.
// CHECK-LABEL: func.func @train(
// CHECK:       %[[G:.*]] = nn.parameter "gamma"
// CHECK:       %[[Y:.*]], %[[MEAN:.*]], %[[RSTD:.*]], %[[NM:.*]], %[[NV:.*]] = nn.batch_norm_train %[[X:.*]], %[[G]], {{.*}} {eps = 1.000000e-05 : f64, momentum = 1.000000e-01 : f64}
// CHECK:       %[[DY:.*]] = nn.log_softmax_backward
// CHECK:       %[[DG:.*]], %[[DB:.*]] = nn.batch_norm_backward_sums %[[DY]], %[[X]], %[[MEAN]], %[[RSTD]]
// CHECK:       %[[DX:.*]] = nn.batch_norm_backward_input %[[DY]], %[[X]], %[[MEAN]], %[[RSTD]], %[[G]], %[[DG]], %[[DB]]
// CHECK:       nn.linear_backward_weights %arg0, %[[DX]]
// CHECK-DAG:   nn.assign "mean", %[[NM]]
// CHECK-DAG:   nn.assign "var", %[[NV]]
// CHECK-NOT:   nn.assign "mean/

// In inference the statistics are constants: a scale per channel.
// VJP-LABEL: func.func @main_vjp(
// VJP:         nn.batch_norm %
// VJP:         %[[RSTD:.*]] = nn.rstd
// VJP:         %[[SCALE:.*]], %{{.*}} = nn.scale_shift %{{.*}}, %[[RSTD]]
// VJP:         nn.channel_affine %{{.*}}, %[[SCALE]]
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" : tensor<3x4xf32>
  %gamma = nn.parameter "gamma" : tensor<3xf32>
  %beta = nn.parameter "beta" : tensor<3xf32>
  %mean = nn.parameter "mean" {role = "buffer"} : tensor<3xf32>
  %var = nn.parameter "var" {role = "buffer"} : tensor<3xf32>
  %y = nn.linear %x, %w : tensor<?x4xf32>, tensor<3x4xf32>
  %n = nn.batch_norm %y, %gamma, %beta, %mean, %var : tensor<?x3xf32>
  %o = nn.log_softmax %n : tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}
