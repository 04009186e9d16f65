// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @layer
func.func @layer(%x: tensor<?x16x26x26xf32>, %w: tensor<16xf32>, %b: tensor<16xf32>, %m: tensor<16xf32>, %v: tensor<16xf32>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.batch_norm %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x16x26x26xf32>
  %a = nn.batch_norm %x, %w, %b, %m, %v : tensor<?x16x26x26xf32>
  // CHECK: nn.batch_norm {{.*}} {eps = 1.000000e-03 : f64, momentum = 1.000000e-02 : f64} : tensor<?x16x26x26xf32>
  %y = nn.batch_norm %a, %w, %b, %m, %v {eps = 1.0e-3, momentum = 0.01} : tensor<?x16x26x26xf32>
  return %y : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @training
func.func @training(%x: tensor<?x4xf64>, %w: tensor<4xf64>, %b: tensor<4xf64>, %m: tensor<4xf64>, %v: tensor<4xf64>) -> tensor<?x4xf64> {
  // CHECK: nn.batch_norm_train {{.*}} {eps = 1.000000e-05 : f64, momentum = 1.000000e-01 : f64} : tensor<?x4xf64>
  %y, %mean, %rstd, %nm, %nv = nn.batch_norm_train %x, %w, %b, %m, %v {eps = 1.0e-5, momentum = 0.1} : tensor<?x4xf64>
  // CHECK: nn.batch_norm_backward_sums %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x4xf64>, tensor<?x4xf64>, tensor<4xf64>, tensor<4xf64>
  %dw, %db = nn.batch_norm_backward_sums %y, %x, %mean, %rstd : tensor<?x4xf64>, tensor<?x4xf64>, tensor<4xf64>, tensor<4xf64>
  // CHECK: nn.batch_norm_backward_input
  %dx = nn.batch_norm_backward_input %y, %x, %mean, %rstd, %w, %dw, %db : tensor<?x4xf64>, tensor<?x4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>
  return %dx : tensor<?x4xf64>
}

// What the layers are expanded into.
// CHECK-LABEL: func.func @parts
func.func @parts(%x: tensor<?x4xf32>, %w: tensor<4xf32>, %b: tensor<4xf32>, %m: tensor<4xf32>, %v: tensor<4xf32>) -> tensor<?x4xf32> {
  // CHECK: nn.batch_stats %{{.*}}, %{{.*}}, %{{.*}} {eps = 1.000000e-05 : f64, momentum = 1.000000e-01 : f64} : tensor<?x4xf32>
  %mean, %rstd, %nm, %nv = nn.batch_stats %x, %m, %v {eps = 1.0e-5, momentum = 0.1} : tensor<?x4xf32>
  // CHECK: nn.rstd %{{.*}} {eps = 1.000000e-05 : f64} : tensor<4xf32>
  %r = nn.rstd %v {eps = 1.0e-5} : tensor<4xf32>
  // CHECK: nn.scale_shift %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  %scale, %shift = nn.scale_shift %mean, %r, %w, %b : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  // CHECK: nn.channel_affine %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>
  %y = nn.channel_affine %x, %scale, %shift : tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>
  // CHECK: nn.batch_norm_backward_coefficients {{.*}} {count = 3.200000e+01 : f64}
  %a, %s, %k = nn.batch_norm_backward_coefficients %rstd, %w, %b, %m {count = 32.0} : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  // CHECK: nn.channel_combine %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x4xf32>, tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  %dx = nn.channel_combine %y, %x, %mean, %a, %s, %k : tensor<?x4xf32>, tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  return %dx : tensor<?x4xf32>
}
