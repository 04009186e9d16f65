// RUN: printf '\000\000\000\077\000\000\200\076' > %t.gradient
// RUN: gradmill run %s --batch 1 --init --json %t.gradient 2>/dev/null | FileCheck %s

// One step of torch.optim.SGD(lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True) by hand, from
// p = (1, -2), velocity (0.3, 0.4) and the gradient (0.5, 0.25):
//   g + 0.01 p       = ( 0.51,   0.23)
//   v = 0.9 v + g    = ( 0.78,   0.59)
//   d = g + 0.9 v    = ( 1.212,  0.761)
//   p - 0.1 d        = ( 0.8788, -2.0761)
// CHECK: 0.8788{{[0-9]*}},
// CHECK: -2.0761
func.func @main(%gradient: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %p = nn.constant dense<[[1.0, -2.0]]> : tensor<1x2xf32>
  %v = nn.constant dense<[[0.3, 0.4]]> : tensor<1x2xf32>
  %lr = nn.constant dense<0.1> : tensor<f32>
  %n, %nv = nn.sgd_momentum %p, %gradient, %v, %lr {momentum = 0.9, weight_decay = 0.01, nesterov = true} : tensor<1x2xf32>, tensor<f32>
  return %n : tensor<1x2xf32>
}
