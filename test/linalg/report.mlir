// What cannot be vectorized says so in the report, by the op that people know.
// REQUIRES: plugin-written_linalg
// RUN: gradmill-opt %s --plugin=%plugins/gradmill-plugin-written_linalg.so --build-inference --expand-linalg --assign-layouts --fuse-kernels --lower-kernels | FileCheck %s
// CHECK:      nn.kernels = [#nn.kernel_report<name = "written_linalg w", ops = ["nn.written_linalg"], anchor = "nn.written_linalg",
// CHECK-SAME: macs = 30720,
// CHECK-SAME: schedule = "1 element", notes = ["not vectorized: input 0 is read across dimension 0 of the result"]>
// CHECK-SAME: name = "written_linalg", ops = ["nn.written_linalg"]
// CHECK-SAME: macs = 30720,
// CHECK-SAME: schedule = "1 pixel x 12 channels">

// A Gram matrix, which sums over the batch, and a product with it.
func.func @main(%image: tensor<16x80xf32> {nn.name = "image"}) -> (tensor<16x24xf32> {nn.name = "output"}) {
  %w = nn.parameter "w" : tensor<16x24xf32>
  %g = nn.written_linalg %image, %w : tensor<16x80xf32>, tensor<16x24xf32> {
  ^bb0(%a: tensor<16x80xf32>, %b: tensor<16x24xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<80x24xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<80x24xf32>) -> tensor<80x24xf32>
    %c = linalg.generic {
        indexing_maps = [affine_map<(i, j, n) -> (n, i)>, affine_map<(i, j, n) -> (n, j)>, affine_map<(i, j, n) -> (i, j)>],
        iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<16x80xf32>, tensor<16x24xf32>) outs(%init : tensor<80x24xf32>) {
    ^bb0(%p: f32, %q: f32, %sum: f32):
      %0 = arith.mulf %p, %q : f32
      %1 = arith.addf %0, %sum : f32
      linalg.yield %1 : f32
    } -> tensor<80x24xf32>
    nn.yield %c : tensor<80x24xf32>
  } : tensor<80x24xf32>
  %y = nn.written_linalg %image, %g : tensor<16x80xf32>, tensor<80x24xf32> {
  ^bb0(%a: tensor<16x80xf32>, %b: tensor<80x24xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<16x24xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x24xf32>) -> tensor<16x24xf32>
    %c = linalg.matmul ins(%a, %b : tensor<16x80xf32>, tensor<80x24xf32>) outs(%init : tensor<16x24xf32>) -> tensor<16x24xf32>
    nn.yield %c : tensor<16x24xf32>
  } : tensor<16x24xf32>
  %output = nn.log_softmax %y : tensor<16x24xf32>
  return %output : tensor<16x24xf32>
}
