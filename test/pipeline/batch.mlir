// RUN: gradmill-opt --specialize-batch=batch=13 %s | FileCheck %s
// RUN: not gradmill-opt --specialize-batch %S/Inputs/dynamic-height.mlir 2>&1 | FileCheck %s --check-prefix=DYNAMIC

// DYNAMIC: error: [static_shape] an argument is 'tensor<?x3x?x4xf32>'; only the first dimension, the batch, may be dynamic

// CHECK: func.func @main(%{{.*}}: tensor<13x3x4x4xf32>) -> tensor<13x48xf32>
// CHECK: nn.relu %{{.*}} : tensor<13x3x4x4xf32>
func.func @main(%x: tensor<?x3x4x4xf32>) -> tensor<?x48xf32> {
  %r = nn.relu %x : tensor<?x3x4x4xf32>
  %y = nn.flatten %r : tensor<?x3x4x4xf32>
  return %y : tensor<?x48xf32>
}
