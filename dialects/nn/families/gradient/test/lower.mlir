// RUN: gradmill-opt --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// The squares of four vectors at a time, in double; a large gradient in parts, one behind the other in memory.
// CHECK-LABEL: func.func @clip(
// CHECK:       %[[PARTS:.*]] = memref.alloc() {alignment = 64 : i64} : memref<3xf64>
// CHECK:       scf.forall (%[[PART:.*]]) in (3)
// CHECK:         scf.for {{.*}} iter_args({{.*}}) -> (vector<4xf64>, vector<4xf64>, vector<4xf64>, vector<4xf64>)
// CHECK-COUNT-4:   vector.load {{.*}} : memref<98304xf32>, vector<4xf32>
// CHECK:         memref.store %{{.*}}, %[[PARTS]][%[[PART]]]
// CHECK:       memref.load %[[PARTS]]
// CHECK:       math.sqrt
func.func @clip(%a: tensor<98304xf32>, %b: tensor<5xf32>) -> tensor<f32> attributes {nn.entry = "infer"} {
  %f = nn.clip_factor %a, %b {max = 1.0} : tensor<98304xf32>, tensor<5xf32>
  return %f : tensor<f32>
}
