// RUN: gradmill-numeric %s --batch=13 | FileCheck %s

// CHECK: ok neg:
func.func @neg(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %y = nn.neg %x : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}
// CHECK: ok abs:
func.func @abs(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %y = nn.abs %x : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}
// CHECK: ok sign:
func.func @sign(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %y = nn.sign %x : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}
// CHECK: ok exp:
func.func @exp(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %y = nn.exp %x : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}
// CHECK: ok erf:
func.func @erf(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %y = nn.erf %x : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}
// CHECK: ok log:
func.func @log(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %a = nn.abs %x : tensor<?x5x3xf64>
  %y = nn.log %a : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}
// CHECK: ok sqrt:
func.func @sqrt(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %a = nn.abs %x : tensor<?x5x3xf64>
  %y = nn.sqrt %a : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}
// CHECK: ok sub:
func.func @sub(%x: tensor<?x5x3x2xf64>, %y: tensor<?x5x3x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.sub %x, %y : tensor<?x5x3x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// CHECK: ok sub_repeated:
func.func @sub_repeated(%x: tensor<3x1xf64>, %y: tensor<?x5x1x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.sub %x, %y : tensor<3x1xf64>, tensor<?x5x1x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// CHECK: ok mul:
func.func @mul(%x: tensor<?x5x3x2xf64>, %y: tensor<?x5x3x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.mul %x, %y : tensor<?x5x3x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// CHECK: ok mul_repeated:
func.func @mul_repeated(%x: tensor<3x1xf64>, %y: tensor<?x5x1x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.mul %x, %y : tensor<3x1xf64>, tensor<?x5x1x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// CHECK: ok div:
func.func @div(%x: tensor<?x5x3x2xf64>, %y: tensor<?x5x3x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.div %x, %y : tensor<?x5x3x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// CHECK: ok div_repeated:
func.func @div_repeated(%x: tensor<3x1xf64>, %y: tensor<?x5x1x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.div %x, %y : tensor<3x1xf64>, tensor<?x5x1x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// CHECK: ok minimum:
func.func @minimum(%x: tensor<?x5x3x2xf64>, %y: tensor<?x5x3x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.minimum %x, %y : tensor<?x5x3x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// CHECK: ok minimum_repeated:
func.func @minimum_repeated(%x: tensor<3x1xf64>, %y: tensor<?x5x1x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.minimum %x, %y : tensor<3x1xf64>, tensor<?x5x1x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// CHECK: ok maximum:
func.func @maximum(%x: tensor<?x5x3x2xf64>, %y: tensor<?x5x3x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.maximum %x, %y : tensor<?x5x3x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// CHECK: ok maximum_repeated:
func.func @maximum_repeated(%x: tensor<3x1xf64>, %y: tensor<?x5x1x2xf64>) -> tensor<?x5x3x2xf64> {
  %z = nn.maximum %x, %y : tensor<3x1xf64>, tensor<?x5x1x2xf64>
  return %z : tensor<?x5x3x2xf64>
}
// A tie has two halves.
// CHECK: ok ties:
func.func @ties(%x: tensor<?x4xf64>) -> tensor<?x4xf64> {
  %y = nn.maximum %x, %x : tensor<?x4xf64>
  return %y : tensor<?x4xf64>
}
// CHECK: ok pow:
func.func @pow(%x: tensor<?x5x3xf64>, %p: tensor<3xf64>) -> tensor<?x5x3xf64> {
  %a = nn.abs %x : tensor<?x5x3xf64>
  %y = nn.pow %a, %p : tensor<?x5x3xf64>, tensor<3xf64>
  return %y : tensor<?x5x3xf64>
}
// CHECK: ok clamp:
func.func @clamp(%x: tensor<?x7x3xf64>) -> tensor<?x7x3xf64> {
  %y = nn.clamp %x {min = -0.25, max = 0.5} : tensor<?x7x3xf64>
  return %y : tensor<?x7x3xf64>
}
// CHECK: ok where:
func.func @where(%x: tensor<?x4x3xf64>, %y: tensor<?x1x3xf64>) -> tensor<?x4x3xf64> {
  %m = nn.compare %x, %y {predicate = "lt"} : tensor<?x4x3xf64>, tensor<?x1x3xf64>
  %z = nn.where %m, %x, %y : tensor<?x4x3xf64>, tensor<?x4x3xf64>, tensor<?x1x3xf64>
  return %z : tensor<?x4x3xf64>
}
// CHECK: ok predicates:
func.func @predicates(%x: tensor<?x6xf64>, %y: tensor<6xf64>) -> tensor<?x6xf64> {
  %0 = nn.compare %x, %x {predicate = "eq"} : tensor<?x6xf64>
  %1 = nn.compare %x, %y {predicate = "ne"} : tensor<?x6xf64>, tensor<6xf64>
  %2 = nn.compare %x, %y {predicate = "le"} : tensor<?x6xf64>, tensor<6xf64>
  %3 = nn.compare %x, %y {predicate = "gt"} : tensor<?x6xf64>, tensor<6xf64>
  %4 = nn.compare %x, %x {predicate = "ge"} : tensor<?x6xf64>
  %s = nn.weighted_sum %0, %1, %2, %3, %4 {weights = array<f64: 1.0, 2.0, 4.0, 8.0, 16.0>} : tensor<?x6xf64>, tensor<?x6xf64>, tensor<?x6xf64>, tensor<?x6xf64>, tensor<?x6xf64>
  return %s : tensor<?x6xf64>
}
// Squeeze and excitation: a gate for each channel of each sample.
// CHECK: ok single_precision:
func.func @single_precision(%x: tensor<?x5x4x4xf32>, %g: tensor<?x5x1x1xf32>) -> tensor<?x5x4x4xf32> {
  %e = nn.exp %g : tensor<?x5x1x1xf32>
  %y = nn.mul %x, %e : tensor<?x5x4x4xf32>, tensor<?x5x1x1xf32>
  %z = nn.erf %y : tensor<?x5x4x4xf32>
  return %z : tensor<?x5x4x4xf32>
}
