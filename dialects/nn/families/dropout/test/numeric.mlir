// RUN: gradmill-numeric %s --batch=16 | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --no-gradient | FileCheck %s

// The compiled mask must be the reference's, whose generator is held against the published
// known answers in test/unit/PhiloxTest.cpp. Seeds and steps of more than 32 bits use all of
// key and counter; 5 channels end within a block of four words.
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
