// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s
// RUN: gradmill-opt -mlir-print-op-generic %s | gradmill-opt | FileCheck %s

// CHECK-LABEL: func.func @all
func.func @all(%x: tensor<?x4x3xf32>, %g: tensor<?x1x3xf32>) -> tensor<?x4x3xf32> {
  // CHECK: nn.sub %{{.*}}, %{{.*}} : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  %sub = nn.sub %x, %g : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  // CHECK: nn.mul %{{.*}}, %{{.*}} : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  %mul = nn.mul %x, %g : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  // CHECK: nn.div %{{.*}}, %{{.*}} : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  %div = nn.div %x, %g : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  // CHECK: nn.minimum %{{.*}}, %{{.*}} : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  %minimum = nn.minimum %x, %g : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  // CHECK: nn.maximum %{{.*}}, %{{.*}} : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  %maximum = nn.maximum %x, %g : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  // CHECK: nn.pow %{{.*}}, %{{.*}} : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  %pow = nn.pow %x, %g : tensor<?x4x3xf32>, tensor<?x1x3xf32>
  // CHECK: nn.neg %{{.*}} : tensor<?x4x3xf32>
  %neg = nn.neg %x : tensor<?x4x3xf32>
  // CHECK: nn.abs %{{.*}} : tensor<?x4x3xf32>
  %abs = nn.abs %x : tensor<?x4x3xf32>
  // CHECK: nn.sign %{{.*}} : tensor<?x4x3xf32>
  %sign = nn.sign %x : tensor<?x4x3xf32>
  // CHECK: nn.exp %{{.*}} : tensor<?x4x3xf32>
  %exp = nn.exp %x : tensor<?x4x3xf32>
  // CHECK: nn.log %{{.*}} : tensor<?x4x3xf32>
  %log = nn.log %x : tensor<?x4x3xf32>
  // CHECK: nn.sqrt %{{.*}} : tensor<?x4x3xf32>
  %sqrt = nn.sqrt %x : tensor<?x4x3xf32>
  // CHECK: nn.erf %{{.*}} : tensor<?x4x3xf32>
  %erf = nn.erf %x : tensor<?x4x3xf32>
  // CHECK: nn.clamp %{{.*}} {max = 6.000000e+00 : f64} : tensor<?x4x3xf32>
  %clamp = nn.clamp %x {max = 6.0} : tensor<?x4x3xf32>
  // CHECK: nn.compare %{{.*}}, %{{.*}} {predicate = "lt"} : tensor<?x4x3xf32>
  %m = nn.compare %x, %x {predicate = "lt"} : tensor<?x4x3xf32>
  // CHECK: nn.where %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x4x3xf32>, tensor<?x4x3xf32>, tensor<?x1x3xf32>
  %where = nn.where %m, %x, %g : tensor<?x4x3xf32>, tensor<?x4x3xf32>, tensor<?x1x3xf32>
  return %where : tensor<?x4x3xf32>
}
