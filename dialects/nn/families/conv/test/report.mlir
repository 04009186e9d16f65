// RUN: gradmill-opt --assign-layouts --fuse-kernels --lower-kernels %s | FileCheck %s

// What a kernel says of itself. Multiplications by padding are not done, and not counted:
// along an axis of 6 with padding 1, 16 of 18 taps hit, so 16 images take
// 16*3*2 * 16*16 multiply-adds, in each direction.
// CHECK-LABEL: func.func @padded(
// CHECK-SAME:    nn.kernels = [
// CHECK-SAME:      name = "conv2d + relu"
// CHECK-SAME:      anchor = "nn.conv2d"
// CHECK-SAME:      macs = 24576, bytes_read = 4824, bytes_written = 6912, lanes = 8
// CHECK-SAME:      schedule = "{{[0-9]}} pixels x 3 channels, taps kh, (kw c)"
// CHECK-SAME:      2 of 6 pixels of a row are at the border: one by one, taps clipped
// Packing the filter is serial: a loop of one iteration, of the same kernel.
// CHECK:       scf.forall ({{.*}}) in (1) {
// CHECK:       mapping = [#nn.kernel<1>]
// CHECK:       scf.forall ({{.*}}) in (2) {
// CHECK:       mapping = [#nn.kernel<1>]
// CHECK:       scf.forall
// CHECK:       mapping = [#nn.kernel<2>]
func.func @padded(%x: tensor<16x2x6x6xf32>, %w: tensor<3x2x3x3xf32>) -> tensor<16x3x6x6xf32> attributes {nn.entry = "infer"} {
  %c = nn.conv2d %x, %w {padding = array<i64: 1, 1>} : tensor<16x2x6x6xf32>, tensor<3x2x3x3xf32>
  %r = nn.relu %c : tensor<16x3x6x6xf32>
  return %r : tensor<16x3x6x6xf32>
}

// CHECK-LABEL: func.func @backward(
// CHECK-SAME:      anchor = "nn.conv2d_backward_data"
// CHECK-SAME:      macs = 24576,
// CHECK-SAME:      anchor = "nn.conv2d_backward_weights"
// CHECK-SAME:      macs = 24576,
// CHECK-SAME:      schedule = "{{[0-9]}} inputs x {{[0-9]}} outputs, 3 rows a pass"
// CHECK-SAME:      padding: one loop for each filter column, not one for all
func.func @backward(%dy: tensor<16x3x6x6xf32>, %x: tensor<16x2x6x6xf32>, %w: tensor<3x2x3x3xf32>) -> (tensor<16x2x6x6xf32>, tensor<3x2x3x3xf32>) attributes {nn.entry = "infer"} {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>, padding = array<i64: 1, 1>} : tensor<16x3x6x6xf32>, tensor<3x2x3x3xf32>
  %dw = nn.conv2d_backward_weights %x, %dy {kernel_size = array<i64: 3, 3>, padding = array<i64: 1, 1>} : tensor<16x2x6x6xf32>, tensor<16x3x6x6xf32>
  return %dx, %dw : tensor<16x2x6x6xf32>, tensor<3x2x3x3xf32>
}

// Outputs start at -1, 1 and 3 of 6: 2 + 3 + 3 taps hit an axis. The adjoint is one
// kernel for each of the four kinds of pixel.
// CHECK-LABEL: func.func @strided(
// CHECK-SAME:      macs = 6144,
// CHECK-SAME:      schedule = "4 phases of {{[0-9]}} pixel{{s?}} x 2 channels
func.func @strided(%dy: tensor<16x3x3x3xf32>, %w: tensor<3x2x3x3xf32>) -> tensor<16x2x6x6xf32> attributes {nn.entry = "infer"} {
  %dx = nn.conv2d_backward_data %dy, %w {input_size = array<i64: 6, 6>, padding = array<i64: 1, 1>, stride = array<i64: 2, 2>} : tensor<16x3x3x3xf32>, tensor<3x2x3x3xf32>
  return %dx : tensor<16x2x6x6xf32>
}
