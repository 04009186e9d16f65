// REQUIRES: plugin-linalg
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-linalg.so %s | gradmill-opt --plugin=%plugins/gradmill-plugin-linalg.so | FileCheck %s
// RUN: gradmill-opt --plugin=%plugins/gradmill-plugin-linalg.so -mlir-print-op-generic %s | gradmill-opt --plugin=%plugins/gradmill-plugin-linalg.so | FileCheck %s

// CHECK-LABEL: func.func @blur_pool
func.func @blur_pool(%x: tensor<?x16x24x24xf32>) -> tensor<?x16x24x24xf32> {
  // CHECK: nn.blur_pool %{{.*}} : tensor<?x16x24x24xf32>
  %a = nn.blur_pool %x : tensor<?x16x24x24xf32>
  // CHECK: nn.blur_pool %{{.*}} {size = 5 : i64, stride = 3 : i64} : tensor<?x16x12x12xf32>
  %b = nn.blur_pool %a {size = 5, stride = 3} : tensor<?x16x12x12xf32>
  // CHECK: nn.blur_pool_backward %{{.*}} {input_size = array<i64: 24, 24>} : tensor<?x16x12x12xf32>
  %dx = nn.blur_pool_backward %a {input_size = array<i64: 24, 24>} : tensor<?x16x12x12xf32>
  return %dx : tensor<?x16x24x24xf32>
}

// CHECK-LABEL: func.func @prelu
func.func @prelu(%x: tensor<?x16x5xf32>, %s: tensor<16xf32>) -> tensor<?x16x5xf32> {
  // CHECK: nn.linalg_prelu %{{.*}}, %{{.*}} : tensor<?x16x5xf32>, tensor<16xf32>
  %y = nn.linalg_prelu %x, %s : tensor<?x16x5xf32>, tensor<16xf32>
  // CHECK: nn.linalg_prelu_backward %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x16x5xf32>, tensor<16xf32>
  %dx = nn.linalg_prelu_backward %y, %x, %s : tensor<?x16x5xf32>, tensor<16xf32>
  // CHECK: nn.linalg_prelu_backward_slope %{{.*}}, %{{.*}} : tensor<?x16x5xf32>
  %ds = nn.linalg_prelu_backward_slope %dx, %x : tensor<?x16x5xf32>
  return %ds : tensor<?x16x5xf32>
}
