// One image, with channels in the lanes: views of space, and a concat of whole
// vectors, keep them there; other views work on the dense tensor.
// RUN: gradmill-numeric %s --batch=1 --no-gradient --cpu=avx2 | FileCheck %s --check-prefix=NUMBERS
// RUN: gradmill-opt %s --specialize-batch=batch=1 --assign-layouts | FileCheck %s
// REQUIRES: avx2

// NUMBERS: ok views:
// CHECK-LABEL: func.func @views
// CHECK:         nn.pad {{.*}} : tensor<1x8x6x7xf32, #nn.channels<8>>
// CHECK:         nn.slice {{.*}} : tensor<1x8x10x11xf32, #nn.channels<8>>
// CHECK:         nn.concat {{.*}} : tensor<1x8x8x9xf32, #nn.channels<8>>, tensor<1x8x8x9xf32, #nn.channels<8>>
// CHECK:         nn.reshape {{.*}} : tensor<1x16x8x9xf32, #nn.channels<8>>
// CHECK:         nn.transpose {{.*}} : tensor<1x16x6x12xf32, #nn.channels<8>>
// CHECK:         nn.concat {{.*}} : tensor<1x5x12x6xf32>, tensor<1x16x12x6xf32>
// CHECK:         nn.flatten {{.*}} : tensor<1x21x12x6xf32>
func.func @views(%x: tensor<?x3x8x9xf32>) -> tensor<?x1512xf32> attributes {nn.entry = "infer"} {
  %w = nn.parameter "w" : tensor<8x3x3x3xf32>
  %v = nn.parameter "v" : tensor<8x8x1x1xf32>
  %a = nn.conv2d %x, %w : tensor<?x3x8x9xf32>, tensor<8x3x3x3xf32>
  %b = nn.pad %a {axes = array<i64: 2, 3>, low = array<i64: 2, 1>, high = array<i64: 2, 3>, mode = "reflect"} : tensor<?x8x6x7xf32>
  %c = nn.slice %b {axes = array<i64: 2, 3>, starts = array<i64: 1, -1>, ends = array<i64: 9, -10>, strides = array<i64: 1, -1>} : tensor<?x8x10x11xf32>
  %d = nn.conv2d %c, %v : tensor<?x8x8x9xf32>, tensor<8x8x1x1xf32>
  %e = nn.concat %c, %d : tensor<?x8x8x9xf32>, tensor<?x8x8x9xf32>
  %f = nn.reshape %e {shape = array<i64: 0, 0, 6, -1>} : tensor<?x16x8x9xf32>
  %g = nn.transpose %f {permutation = array<i64: 0, 1, 3, 2>} : tensor<?x16x6x12xf32>
  %h = nn.slice %g {axes = array<i64: 1>, starts = array<i64: 2>, ends = array<i64: 7>} : tensor<?x16x12x6xf32>
  %i = nn.concat %h, %g : tensor<?x5x12x6xf32>, tensor<?x16x12x6xf32>
  %y = nn.flatten %i : tensor<?x21x12x6xf32>
  return %y : tensor<?x1512xf32>
}
