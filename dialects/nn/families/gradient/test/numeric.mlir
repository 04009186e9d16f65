// RUN: gradmill-numeric %s --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --no-gradient --vector-bytes=16 | FileCheck %s

// Whole vectors and a rest, a scalar, and one element.
// CHECK: ok factor:
func.func @factor(%a: tensor<3x7xf64>, %b: tensor<130xf64>, %c: tensor<f64>, %d: tensor<1x1xf64>) -> tensor<f64> {
  %f = nn.clip_factor %a, %b, %c, %d {max = 1.0} : tensor<3x7xf64>, tensor<130xf64>, tensor<f64>, tensor<1x1xf64>
  return %f : tensor<f64>
}

// Cut into parts: two, and 35 elements behind them.
// CHECK: ok large:
func.func @large(%a: tensor<13xf32>, %b: tensor<65571xf32>) -> (tensor<f32>, tensor<13xf32>) {
  %f = nn.clip_factor %a, %b {max = 2.0} : tensor<13xf32>, tensor<65571xf32>
  %s = nn.mul %a, %f : tensor<13xf32>, tensor<f32>
  return %f, %s : tensor<f32>, tensor<13xf32>
}

// Small enough as they are: the factor is 1.
// CHECK: ok small:
func.func @small(%a: tensor<13xf32>) -> tensor<f32> {
  %f = nn.clip_factor %a {max = 1000.0} : tensor<13xf32>
  return %f : tensor<f32>
}

// Early steps forget faster than the decay says.
// CHECK: ok average:
func.func @average(%a: tensor<13xf64>, %x: tensor<13xf64>, %step: tensor<i64> {nn.max = 50}) -> (tensor<13xf64>, tensor<13xf64>) {
  %n = nn.moving_average %a, %x, %step {decay = 0.5} : tensor<13xf64>
  %z = nn.zero_like %x : tensor<13xf64>
  return %n, %z : tensor<13xf64>, tensor<13xf64>
}

// CHECK: ok average_late:
func.func @average_late(%a: tensor<3x7xf32>, %x: tensor<3x7xf32>, %step: tensor<i64> {nn.max = 1000000}) -> tensor<3x7xf32> {
  %n = nn.moving_average %a, %x, %step {decay = 0.999} : tensor<3x7xf32>
  return %n : tensor<3x7xf32>
}
