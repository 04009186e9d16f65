// RUN: gradmill-numeric %s --no-gradient | FileCheck %s

// torch.optim.SGD: g += weight_decay*p; v = momentum*v + g; p -= lr*(nesterov ? g + momentum*v : v).
// 21 and 13 elements: whole vectors and a rest.
// CHECK: ok sgd:
func.func @sgd(%p: tensor<3x7xf64>, %g: tensor<3x7xf64>, %lr: tensor<f64>) -> tensor<3x7xf64> {
  %n = nn.sgd %p, %g, %lr {weight_decay = 0.1} : tensor<3x7xf64>, tensor<f64>
  return %n : tensor<3x7xf64>
}

// CHECK: ok nesterov:
func.func @nesterov(%p: tensor<13xf32>, %g: tensor<13xf32>, %v: tensor<13xf32>, %lr: tensor<f32>) -> (tensor<13xf32>, tensor<13xf32>) {
  %n, %nv = nn.sgd_momentum %p, %g, %v, %lr {momentum = 0.9, weight_decay = 0.1, nesterov = true} : tensor<13xf32>, tensor<f32>
  return %n, %nv : tensor<13xf32>, tensor<13xf32>
}

// torch.optim.AdamW: p -= lr*weight_decay*p; m = beta1*m + (1-beta1)*g; v = beta2*v + (1-beta2)*g^2;
// p -= lr * (m/(1-beta1^t)) / (sqrt(v/(1-beta2^t)) + eps), t counted from 1.
// CHECK: ok adamw:
func.func @adamw(%p: tensor<13xf64>, %g: tensor<13xf64>, %m: tensor<13xf64>, %v: tensor<13xf64> {nn.positive}, %lr: tensor<f64>, %step: tensor<i64>) -> (tensor<13xf64>, tensor<13xf64>, tensor<13xf64>) {
  %n, %nm, %nv = nn.adam %p, %g, %m, %v, %lr, %step {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8, weight_decay = 0.01, decoupled = true} : tensor<13xf64>, tensor<f64>
  return %n, %nm, %nv : tensor<13xf64>, tensor<13xf64>, tensor<13xf64>
}

// torch.optim.Adam adds weight_decay*p to g instead. Step 100,000: beta2^t is as good as 0.
// CHECK: ok adam_late:
func.func @adam_late(%p: tensor<2x3x3x3xf32>, %g: tensor<2x3x3x3xf32>, %m: tensor<2x3x3x3xf32>, %v: tensor<2x3x3x3xf32> {nn.positive}, %lr: tensor<f32>, %step: tensor<i64> {nn.max = 100000}) -> (tensor<2x3x3x3xf32>, tensor<2x3x3x3xf32>, tensor<2x3x3x3xf32>) {
  %n, %nm, %nv = nn.adam %p, %g, %m, %v, %lr, %step {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8, weight_decay = 0.01, decoupled = false} : tensor<2x3x3x3xf32>, tensor<f32>
  return %n, %nm, %nv : tensor<2x3x3x3xf32>, tensor<2x3x3x3xf32>, tensor<2x3x3x3xf32>
}
