// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @dropout
func.func @dropout(%x: tensor<?x16x26x26xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.dropout %{{.*}} : tensor<?x16x26x26xf32>
  %a = nn.dropout %x : tensor<?x16x26x26xf32>
  // CHECK: nn.dropout %{{.*}} {p = 1.000000e-01 : f64} : tensor<?x16x26x26xf32>
  %b = nn.dropout %a {p = 0.1} : tensor<?x16x26x26xf32>
  // CHECK: nn.dropout_train %{{.*}}, %{{.*}}, %{{.*}} {p = 1.000000e-01 : f64, stream = 3 : i64} : tensor<?x16x26x26xf32>
  %y, %mask = nn.dropout_train %b, %seed, %step {p = 0.1, stream = 3 : i64} : tensor<?x16x26x26xf32>
  return %y : tensor<?x16x26x26xf32>
}

// CHECK-LABEL: func.func @whole_channels
func.func @whole_channels(%x: tensor<?x16x26x26xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x16x26x26xf32> {
  // CHECK: nn.dropout %{{.*}} {whole_channels = true} : tensor<?x16x26x26xf32>
  %a = nn.dropout %x {whole_channels = true} : tensor<?x16x26x26xf32>
  // CHECK: nn.dropout_train %{{.*}}, %{{.*}}, %{{.*}} {p = 1.000000e-01 : f64, stream = 3 : i64, whole_channels = true} : tensor<?x16x26x26xf32>
  %y, %mask = nn.dropout_train %a, %seed, %step {p = 0.1, stream = 3 : i64, whole_channels = true} : tensor<?x16x26x26xf32>
  return %y : tensor<?x16x26x26xf32>
}
