// RUN: rm -rf %t && mkdir %t && gradmill-numeric %s --no-gradient --record=%t
// RUN: tail -c 40 %t/0.case | od -A n -t f8 | FileCheck %s
// RUN: gradmill-numeric %s --no-gradient | FileCheck %s --check-prefix=COMPILED

// torch.nn.utils.clip_grad_norm_ by hand: the norm of (3, -4, 12) is 13, so 6.5 halves them (but for the
// 1e-6 that is added to the norm). clip_grad_value_(1) of (0.5, -4).
// CHECK: 1.49999988{{[0-9]*}} -1.99999984
// CHECK-NEXT: 5.9999995{{[0-9]*}} 0.5
// CHECK-NEXT: -1
// COMPILED: ok main: forward
func.func @main(%unused: tensor<1x2xf64>) -> (tensor<2xf64>, tensor<1xf64>, tensor<2xf64>) {
  %a = nn.constant dense<[3.0, -4.0]> : tensor<2xf64>
  %b = nn.constant dense<[12.0]> : tensor<1xf64>
  %c = nn.constant dense<[0.5, -4.0]> : tensor<2xf64>
  %f = nn.clip_factor %a, %b {max = 6.5} : tensor<2xf64>, tensor<1xf64>
  %x = nn.mul %a, %f : tensor<2xf64>, tensor<f64>
  %y = nn.mul %b, %f : tensor<1xf64>, tensor<f64>
  %z = nn.clamp %c {min = -1.0, max = 1.0} : tensor<2xf64>
  return %x, %y, %z : tensor<2xf64>, tensor<1xf64>, tensor<2xf64>
}
