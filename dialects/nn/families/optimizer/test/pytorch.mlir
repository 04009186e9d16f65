// RUN: rm -rf %t && mkdir %t && gradmill-numeric %s --no-gradient --record=%t
// RUN: tail -c 16 %t/0.case | od -A n -t f8 | FileCheck %s
// RUN: gradmill-numeric %s --no-gradient | FileCheck %s --check-prefix=COMPILED

// One step of torch.optim.SGD(lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True) by hand, from
// p = (1, -2), velocity (0.3, 0.4) and the gradient (0.5, 0.25):
//   g + 0.01 p       = ( 0.51,   0.23)
//   v = 0.9 v + g    = ( 0.78,   0.59)
//   d = g + 0.9 v    = ( 1.212,  0.761)
//   p - 0.1 d        = ( 0.8788, -2.0761)
// The reference says so, and the compiled code as the reference.
// CHECK: 0.878{{79999[0-9]*|800[0-9]*}} -2.0761
// COMPILED: ok main: forward
func.func @main(%unused: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %gradient = nn.constant dense<[[0.5, 0.25]]> : tensor<1x2xf32>
  %p = nn.constant dense<[[1.0, -2.0]]> : tensor<1x2xf32>
  %v = nn.constant dense<[[0.3, 0.4]]> : tensor<1x2xf32>
  %lr = nn.constant dense<0.1> : tensor<f32>
  %n, %nv = nn.sgd_momentum %p, %gradient, %v, %lr {momentum = 0.9, weight_decay = 0.01, nesterov = true} : tensor<1x2xf32>, tensor<f32>
  return %n : tensor<1x2xf32>
}
