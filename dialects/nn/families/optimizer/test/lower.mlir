// RUN: gradmill-opt --expand-ops --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// One flat loop over vectors and one over the rest, in place: the new values go where the
// old ones are.
// CHECK-LABEL: func.func @update(
// CHECK-SAME:    %[[G:[a-z0-9]+]]: memref<3x7xf32>, %[[LR:[a-z0-9]+]]: memref<f32>, %[[P:[a-z0-9]+]]: memref<3x7xf32> {{{.*}}nn.state = "w"}, %[[V:[a-z0-9]+]]: memref<3x7xf32> {{{.*}}nn.state = "w/velocity"}
// CHECK-NOT:   memref.alloc
// CHECK:       memref.collapse_shape %[[P]] {{.*}} into memref<21xf32>
// CHECK:       scf.for
// CHECK:         vector.load %{{.*}} : memref<21xf32>, vector<8xf32>
// CHECK:         vector.store %{{.*}} : memref<21xf32>, vector<8xf32>
// CHECK:         vector.store %{{.*}} : memref<21xf32>, vector<8xf32>
// CHECK:       scf.for
// CHECK:         memref.store %{{.*}} : memref<21xf32>
// CHECK-NOT:   memref.copy
// CHECK:       return
func.func @update(%g: tensor<3x7xf32>, %lr: tensor<f32>) attributes {nn.entry = "infer"} {
  %p = nn.parameter "w" : tensor<3x7xf32>
  %v = nn.parameter "w/velocity" {role = "optimizer"} : tensor<3x7xf32>
  %n, %nv = nn.sgd_momentum %p, %g, %v, %lr {momentum = 0.9, weight_decay = 0.01, nesterov = false} : tensor<3x7xf32>, tensor<f32>
  nn.assign "w", %n : tensor<3x7xf32>
  nn.assign "w/velocity", %nv : tensor<3x7xf32>
  return
}

// A large tensor is cut into tasks, so that all threads update it; the last one has the rest.
// CHECK-LABEL: func.func @large(
// CHECK:       scf.forall (%[[TASK:.*]]) in (3) {
// CHECK:         %[[NEXT:.*]] = arith.addi %[[TASK]],
// CHECK:         %[[LAST:.*]] = arith.cmpi eq, %[[NEXT]],
// CHECK:         %[[REST:.*]] = arith.select %[[LAST]],
// CHECK:         scf.for
// CHECK:           vector.store %{{.*}} : memref<200003xf32>, vector<8xf32>
// CHECK:         scf.for %{{.*}} = %[[REST]] to
// CHECK:           memref.store %{{.*}} : memref<200003xf32>
func.func @large(%g: tensor<200003xf32>, %lr: tensor<f32>) attributes {nn.entry = "infer"} {
  %p = nn.parameter "w" : tensor<200003xf32>
  %n = nn.sgd %p, %g, %lr {weight_decay = 0.01} : tensor<200003xf32>, tensor<f32>
  nn.assign "w", %n : tensor<200003xf32>
  return
}
