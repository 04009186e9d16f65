// RUN: gradmill-numeric %s --batch=16 --samples=4 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --samples=4 | FileCheck %s

// Numbers of channels around the tiles of every target: 1 to 33.

// CHECK: ok channels_1_1:
func.func @channels_1_1(%x: tensor<?x1x5x4xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<?x1x3x2xf32> {
  %y = nn.conv2d %x, %w : tensor<?x1x5x4xf32>, tensor<1x1x3x3xf32>
  return %y : tensor<?x1x3x2xf32>
}

// CHECK: ok channels_1_16:
func.func @channels_1_16(%x: tensor<?x1x5x4xf64>, %w: tensor<16x1x3x3xf64>) -> tensor<?x16x3x2xf64> {
  %y = nn.conv2d %x, %w : tensor<?x1x5x4xf64>, tensor<16x1x3x3xf64>
  return %y : tensor<?x16x3x2xf64>
}

// CHECK: ok channels_2_33:
func.func @channels_2_33(%x: tensor<?x2x5x4xf32>, %w: tensor<33x2x3x3xf32>) -> tensor<?x33x3x2xf32> {
  %y = nn.conv2d %x, %w : tensor<?x2x5x4xf32>, tensor<33x2x3x3xf32>
  return %y : tensor<?x33x3x2xf32>
}

// CHECK: ok channels_15_17:
func.func @channels_15_17(%x: tensor<?x15x5x4xf32>, %w: tensor<17x15x3x3xf32>) -> tensor<?x17x3x2xf32> {
  %y = nn.conv2d %x, %w : tensor<?x15x5x4xf32>, tensor<17x15x3x3xf32>
  return %y : tensor<?x17x3x2xf32>
}

// CHECK: ok channels_16_16:
func.func @channels_16_16(%x: tensor<?x16x5x4xf64>, %w: tensor<16x16x3x3xf64>) -> tensor<?x16x3x2xf64> {
  %y = nn.conv2d %x, %w : tensor<?x16x5x4xf64>, tensor<16x16x3x3xf64>
  return %y : tensor<?x16x3x2xf64>
}

// CHECK: ok channels_17_15:
func.func @channels_17_15(%x: tensor<?x17x5x4xf32>, %w: tensor<15x17x3x3xf32>) -> tensor<?x15x3x2xf32> {
  %y = nn.conv2d %x, %w : tensor<?x17x5x4xf32>, tensor<15x17x3x3xf32>
  return %y : tensor<?x15x3x2xf32>
}

// CHECK: ok channels_31_3:
func.func @channels_31_3(%x: tensor<?x31x5x4xf32>, %w: tensor<3x31x3x3xf32>) -> tensor<?x3x3x2xf32> {
  %y = nn.conv2d %x, %w : tensor<?x31x5x4xf32>, tensor<3x31x3x3xf32>
  return %y : tensor<?x3x3x2xf32>
}

// CHECK: ok channels_33_2:
func.func @channels_33_2(%x: tensor<?x33x5x4xf64>, %w: tensor<2x33x3x3xf64>) -> tensor<?x2x3x2xf64> {
  %y = nn.conv2d %x, %w : tensor<?x33x5x4xf64>, tensor<2x33x3x3xf64>
  return %y : tensor<?x2x3x2xf64>
}

// CHECK: ok channels_32_10:
func.func @channels_32_10(%x: tensor<?x32x5x4xf64>, %w: tensor<10x32x3x3xf64>) -> tensor<?x10x3x2xf64> {
  %y = nn.conv2d %x, %w : tensor<?x32x5x4xf64>, tensor<10x32x3x3xf64>
  return %y : tensor<?x10x3x2xf64>
}

// CHECK: ok pointwise_1_33:
func.func @pointwise_1_33(%x: tensor<?x1x3x4xf32>, %w: tensor<33x1x1x1xf32>, %b: tensor<33xf32>) -> tensor<?x33x3x4xf32> {
  %y = nn.conv2d %x, %w bias %b : tensor<?x1x3x4xf32>, tensor<33x1x1x1xf32>, tensor<33xf32>
  return %y : tensor<?x33x3x4xf32>
}

// CHECK: ok pointwise_33_1:
func.func @pointwise_33_1(%x: tensor<?x33x3x4xf32>, %w: tensor<1x33x1x1xf32>, %b: tensor<1xf32>) -> tensor<?x1x3x4xf32> {
  %y = nn.conv2d %x, %w bias %b : tensor<?x33x3x4xf32>, tensor<1x33x1x1xf32>, tensor<1xf32>
  return %y : tensor<?x1x3x4xf32>
}

// CHECK: ok pointwise_16_10:
func.func @pointwise_16_10(%x: tensor<?x16x3x4xf64>, %w: tensor<10x16x1x1xf64>, %b: tensor<10xf64>) -> tensor<?x10x3x4xf64> {
  %y = nn.conv2d %x, %w bias %b : tensor<?x16x3x4xf64>, tensor<10x16x1x1xf64>, tensor<10xf64>
  return %y : tensor<?x10x3x4xf64>
}

// CHECK: ok pointwise_7_19:
func.func @pointwise_7_19(%x: tensor<?x7x3x4xf32>, %w: tensor<19x7x1x1xf32>, %b: tensor<19xf32>) -> tensor<?x19x3x4xf32> {
  %y = nn.conv2d %x, %w bias %b : tensor<?x7x3x4xf32>, tensor<19x7x1x1xf32>, tensor<19xf32>
  return %y : tensor<?x19x3x4xf32>
}
