// RUN: gradmill-numeric %s --batch=13 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=4 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=16 --no-gradient --cpu=x86-64 | FileCheck %s
// RUN: gradmill-numeric %s --batch=16 --no-gradient --no-fuse | FileCheck %s

// The adjoint is in another kernel, which reads the mask from memory: bits of one image (a
// vector of one), and of as many as a vector has, at channels that end within a tile.
// CHECK: ok stored_mask: forward
func.func @stored_mask(%x: tensor<?x11x3x2xf32>, %w: tensor<11x11x1x1xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x11x3x2xf32> {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.3, stream = 2 : i64} : tensor<?x11x3x2xf32>
  %c = nn.conv2d %y, %w : tensor<?x11x3x2xf32>, tensor<11x11x1x1xf32>
  %d = nn.dropout_backward %c, %mask {p = 0.3} : tensor<?x11x3x2xf32>, tensor<?x11x3x2xi1>
  return %d : tensor<?x11x3x2xf32>
}

// Behind a convolution, and replayed by the adjoint in the kernel of another one.
// CHECK: ok whole_channels_fused: forward
func.func @whole_channels_fused(%x: tensor<?x2x5x5xf32>, %w: tensor<7x2x3x3xf32>, %v: tensor<7x7x1x1xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x7x3x3xf32> {
  %c = nn.conv2d %x, %w : tensor<?x2x5x5xf32>, tensor<7x2x3x3xf32>
  %y, %mask = nn.dropout_train %c, %seed, %step {p = 0.25, stream = 1 : i64, whole_channels = true} : tensor<?x7x3x3xf32>
  %d = nn.conv2d %y, %v : tensor<?x7x3x3xf32>, tensor<7x7x1x1xf32>
  %g = nn.dropout_backward %d, %mask {p = 0.25} : tensor<?x7x3x3xf32>, tensor<?x7x3x3xi1>
  return %g : tensor<?x7x3x3xf32>
}
