// RUN: gradmill-numeric %s --batch=8 | FileCheck %s
// RUN: gradmill-opt --differentiate --specialize-batch=batch=8 --join-kernels %s | FileCheck %s --check-prefix=JOIN

// What two convolutions of one input hand back to it is one kernel, where both have a stride
// of two.

// A residual block's: the other one's tap is the middle one. The same number of filters
// shares a loop.
// CHECK: ok middle_tap: {{.*}} finite
// JOIN-LABEL: func.func @middle_tap_vjp(
// JOIN:       nn.conv2d_backward_data_sum {{.*}} {input_size = array<i64: 8, 7>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<8x5x4x4xf64>, tensor<5x3x3x3xf64>, tensor<8x5x4x4xf64>, tensor<5x3x1x1xf64>
// JOIN-NOT:   nn.add
// JOIN:       return
func.func @middle_tap(%x: tensor<?x3x8x7xf64>, %w: tensor<5x3x3x3xf64>, %v: tensor<5x3x1x1xf64>) -> tensor<?x5x4x4xf64> {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x3x8x7xf64>, tensor<5x3x3x3xf64>
  %z = nn.conv2d %x, %v {stride = array<i64: 2, 2>} : tensor<?x3x8x7xf64>, tensor<5x3x1x1xf64>
  %s = nn.add %y, %z : tensor<?x5x4x4xf64>
  return %s : tensor<?x5x4x4xf64>
}

// Behind it what is fused; the larger convolution second, images of an odd size, all in f32.
// CHECK: ok behind_relu: {{.*}} finite
// JOIN-LABEL: func.func @behind_relu_vjp(
// JOIN:       nn.conv2d_backward_data_sum {{.*}} : tensor<8x4x5x6xf32>, tensor<4x7x3x3xf32>, tensor<8x4x5x6xf32>, tensor<4x7x1x1xf32>
func.func @behind_relu(%x: tensor<?x7x9x11xf32>, %w: tensor<4x7x3x3xf32>, %v: tensor<4x7x1x1xf32>) -> tensor<?x4x5x6xf32> {
  %r = nn.relu %x : tensor<?x7x9x11xf32>
  %z = nn.conv2d %r, %v {stride = array<i64: 2, 2>} : tensor<?x7x9x11xf32>, tensor<4x7x1x1xf32>
  %y = nn.conv2d %r, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x7x9x11xf32>, tensor<4x7x3x3xf32>
  %s = nn.add %y, %z : tensor<?x4x5x6xf32>
  return %s : tensor<?x4x5x6xf32>
}

// Windows that share no tap, results of two sizes, other numbers of filters.
// CHECK: ok apart: {{.*}} finite
// JOIN-LABEL: func.func @apart_vjp(
// JOIN:       nn.conv2d_backward_data_sum {{.*}} {input_size = array<i64: 10, 8>, other_dilation = array<i64: 3, 2>, other_padding = array<i64: 2, 3>, stride = array<i64: 2, 2>}
func.func @apart(%x: tensor<?x2x10x8xf64>, %w: tensor<6x2x4x5xf64>, %v: tensor<3x2x2x3xf64>) -> (tensor<?x6x4x2xf64>, tensor<?x3x6x5xf64>) {
  %y = nn.conv2d %x, %w {stride = array<i64: 2, 2>} : tensor<?x2x10x8xf64>, tensor<6x2x4x5xf64>
  %z = nn.conv2d %x, %v {dilation = array<i64: 3, 2>, padding = array<i64: 2, 3>, stride = array<i64: 2, 2>} : tensor<?x2x10x8xf64>, tensor<3x2x2x3xf64>
  return %y, %z : tensor<?x6x4x2xf64>, tensor<?x3x6x5xf64>
}

// Taps of even pixels alone in both, and padding that no tap but the last sees over.
// CHECK: ok even_taps: {{.*}} finite
// JOIN-LABEL: func.func @even_taps_vjp(
// JOIN:       nn.conv2d_backward_data_sum
func.func @even_taps(%x: tensor<?x2x6x6xf64>, %w: tensor<3x2x3x3xf64>, %v: tensor<3x2x1x1xf64>) -> (tensor<?x3x3x3xf64>, tensor<?x3x5x5xf64>) {
  %y = nn.conv2d %x, %w {dilation = array<i64: 2, 2>, padding = array<i64: 2, 2>, stride = array<i64: 2, 2>} : tensor<?x2x6x6xf64>, tensor<3x2x3x3xf64>
  %z = nn.conv2d %x, %v {padding = array<i64: 2, 2>, stride = array<i64: 2, 2>} : tensor<?x2x6x6xf64>, tensor<3x2x1x1xf64>
  return %y, %z : tensor<?x3x3x3xf64>, tensor<?x3x5x5xf64>
}

// Without a stride one of them may have Winograd's form; with two strides they have no phases
// in common; with groups a tile sees other channels.
// CHECK: ok no_stride
// JOIN-LABEL: func.func @no_stride_vjp(
// JOIN-NOT:   conv2d_backward_data_sum
func.func @no_stride(%x: tensor<?x2x5x5xf64>, %w: tensor<3x2x3x3xf64>, %v: tensor<3x2x1x1xf64>) -> (tensor<?x3x5x5xf64>, tensor<?x3x5x5xf64>) {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<?x2x5x5xf64>, tensor<3x2x3x3xf64>
  %z = nn.conv2d %x, %v : tensor<?x2x5x5xf64>, tensor<3x2x1x1xf64>
  return %y, %z : tensor<?x3x5x5xf64>, tensor<?x3x5x5xf64>
}

// CHECK: ok two_strides
// JOIN-LABEL: func.func @two_strides_vjp(
// JOIN-NOT:   conv2d_backward_data_sum
func.func @two_strides(%x: tensor<?x2x5x5xf64>, %w: tensor<3x2x3x3xf64>, %v: tensor<3x2x1x1xf64>) -> (tensor<?x3x3x3xf64>, tensor<?x3x3x5xf64>) {
  %y = nn.conv2d %x, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x2x5x5xf64>, tensor<3x2x3x3xf64>
  %z = nn.conv2d %x, %v {stride = array<i64: 2, 1>} : tensor<?x2x5x5xf64>, tensor<3x2x1x1xf64>
  return %y, %z : tensor<?x3x3x3xf64>, tensor<?x3x3x5xf64>
}

// CHECK: ok grouped
// JOIN-LABEL: func.func @grouped_vjp(
// JOIN-NOT:   conv2d_backward_data_sum
func.func @grouped(%x: tensor<?x4x5x5xf64>, %w: tensor<4x2x3x3xf64>, %v: tensor<4x4x1x1xf64>) -> (tensor<?x4x3x3xf64>, tensor<?x4x3x3xf64>) {
  %y = nn.conv2d %x, %w {groups = 2 : i64, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x4x5x5xf64>, tensor<4x2x3x3xf64>
  %z = nn.conv2d %x, %v {stride = array<i64: 2, 2>} : tensor<?x4x5x5xf64>, tensor<4x4x1x1xf64>
  return %y, %z : tensor<?x4x3x3xf64>, tensor<?x4x3x3xf64>
}

// One of both is read by another op, too: it has to exist.
// CHECK: ok read_twice
// JOIN-LABEL: func.func @read_twice_vjp(
// JOIN-NOT:   conv2d_backward_data_sum
func.func @read_twice(%x: tensor<?x2x6x6xf64>, %u: tensor<?x2x6x6xf64>, %w: tensor<3x2x3x3xf64>, %v: tensor<3x2x1x1xf64>) -> (tensor<?x3x3x3xf64>, tensor<?x3x3x3xf64>) {
  %s = nn.add %x, %u : tensor<?x2x6x6xf64>
  %y = nn.conv2d %s, %w {padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<?x2x6x6xf64>, tensor<3x2x3x3xf64>
  %z = nn.conv2d %x, %v {stride = array<i64: 2, 2>} : tensor<?x2x6x6xf64>, tensor<3x2x1x1xf64>
  return %y, %z : tensor<?x3x3x3xf64>, tensor<?x3x3x3xf64>
}
