// RUN: gradmill-numeric %s --batch=16 | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --no-gradient | FileCheck %s

// The compiled mask must be the reference's, whose generator is held against the published
// known answers in test/unit/PhiloxTest.cpp. Seeds and steps of more than 32 bits use all of
// key and counter; 5 channels end within a block.
// CHECK: ok large_seed: forward
func.func @large_seed(%x: tensor<?x5x3x2xf64>, %seed: tensor<i64> {nn.max = 9007199254740992}, %step: tensor<i64> {nn.max = 9007199254740992}) -> tensor<?x5x3x2xf64> {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.4, stream = 7 : i64} : tensor<?x5x3x2xf64>
  return %y : tensor<?x5x3x2xf64>
}

// CHECK: ok vectors: forward
func.func @vectors(%x: tensor<?x33xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x33xf32> {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.1, stream = 0 : i64} : tensor<?x33xf32>
  return %y : tensor<?x33xf32>
}

// Behind a convolution the channels come in the tiles of its schedule.
// CHECK: ok fused: forward
func.func @fused(%x: tensor<?x2x5x5xf32>, %w: tensor<7x2x3x3xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x7x3x3xf32> {
  %c = nn.conv2d %x, %w : tensor<?x2x5x5xf32>, tensor<7x2x3x3xf32>
  %y, %mask = nn.dropout_train %c, %seed, %step {p = 0.25, stream = 1 : i64} : tensor<?x7x3x3xf32>
  return %y : tensor<?x7x3x3xf32>
}

// Of whole blocks of 16 channels and what is left; behind a convolution a tile may start anywhere in
// a block. A threshold whose high byte is 0, and one whose high byte is the largest.
// CHECK: ok blocks: forward
func.func @blocks(%x: tensor<?x35x2x3xf32>, %w: tensor<35x2x1x1xf32>, %v: tensor<?x2x2x3xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x35x2x3xf32> {
  %a, %mask0 = nn.dropout_train %x, %seed, %step {p = 0.3, stream = 3 : i64} : tensor<?x35x2x3xf32>
  %c = nn.conv2d %v, %w : tensor<?x2x2x3xf32>, tensor<35x2x1x1xf32>
  %b, %mask1 = nn.dropout_train %c, %seed, %step {p = 0.3, stream = 4 : i64} : tensor<?x35x2x3xf32>
  %s = nn.add %a, %b : tensor<?x35x2x3xf32>
  return %s : tensor<?x35x2x3xf32>
}

// CHECK: ok rare: forward
func.func @rare(%x: tensor<?x17x5x5xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x17x5x5xf32> {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.003, stream = 0 : i64} : tensor<?x17x5x5xf32>
  return %y : tensor<?x17x5x5xf32>
}

// CHECK: ok frequent: forward
func.func @frequent(%x: tensor<?x17x5x5xf32>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x17x5x5xf32> {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.998, stream = 0 : i64} : tensor<?x17x5x5xf32>
  return %y : tensor<?x17x5x5xf32>
}

// All pixels of a channel have the mask of [N, C].
// CHECK: ok whole_channels: forward
func.func @whole_channels(%x: tensor<?x19x3x2xf64>, %seed: tensor<i64>, %step: tensor<i64>) -> tensor<?x19x3x2xf64> {
  %y, %mask = nn.dropout_train %x, %seed, %step {p = 0.4, stream = 7 : i64, whole_channels = true} : tensor<?x19x3x2xf64>
  return %y : tensor<?x19x3x2xf64>
}
