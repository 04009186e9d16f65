// Outputs in the lanes: one image, small batches, and a batch whose weights are worth packing.
// RUN: gradmill-numeric %s --batch=1 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=5 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=26 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=13 --cpu=x86-64 --no-gradient | FileCheck %s
// RUN: gradmill-numeric %s --batch=3 --machine=avx512 --no-gradient | FileCheck %s

// Fewer outputs than a vector, of any width: a loop over images.
// CHECK: ok few:
func.func @few(%x: tensor<?x84xf32>, %w: tensor<3x84xf32>, %b: tensor<3xf32>) -> tensor<?x3xf32> {
  %y = nn.linear %x, %w bias %b : tensor<?x84xf32>, tensor<3x84xf32>, tensor<3xf32>
  return %y : tensor<?x3xf32>
}

// One vector past a multiple of the tile's, and one element past a vector; the steps of a sum are not a
// multiple of those at a time.
// CHECK: ok rest:
func.func @rest(%x: tensor<?x403xf64>, %w: tensor<145x403xf64>, %b: tensor<145xf64>) -> tensor<?x145xf64> {
  %y = nn.linear %x, %w bias %b : tensor<?x403xf64>, tensor<145x403xf64>, tensor<145xf64>
  %r = nn.relu %y : tensor<?x145xf64>
  return %r : tensor<?x145xf64>
}

// So many inputs that their weights pass by in blocks.
// CHECK: ok long:
func.func @long(%x: tensor<?x8201xf32>, %w: tensor<40x8201xf32>, %b: tensor<40xf32>) -> tensor<?x40xf32> {
  %y = nn.linear %x, %w bias %b : tensor<?x8201xf32>, tensor<40x8201xf32>, tensor<40xf32>
  return %y : tensor<?x40xf32>
}

// Into each other: the second reads vectors of outputs; without a bias.
// CHECK: ok chain:
func.func @chain(%x: tensor<?x3x7x5xf32>, %v: tensor<140x105xf32>, %w: tensor<130x140xf32>) -> tensor<?x130xf32> {
  %f = nn.flatten %x : tensor<?x3x7x5xf32>
  %h = nn.linear %f, %v : tensor<?x105xf32>, tensor<140x105xf32>
  %r = nn.relu %h : tensor<?x140xf32>
  %y = nn.linear %r, %w : tensor<?x140xf32>, tensor<130x140xf32>
  return %y : tensor<?x130xf32>
}

// After a convolution, and before what is computed with the batch in the lanes.
// CHECK: ok after_conv:
func.func @after_conv(%x: tensor<?x2x6x6xf32>, %k: tensor<8x2x3x3xf32>, %w: tensor<10x128xf32>, %b: tensor<10xf32>) -> tensor<?x10xf32> {
  %c = nn.conv2d %x, %k : tensor<?x2x6x6xf32>, tensor<8x2x3x3xf32>
  %f = nn.flatten %c : tensor<?x8x4x4xf32>
  %h = nn.linear %f, %w bias %b : tensor<?x128xf32>, tensor<10x128xf32>, tensor<10xf32>
  %y = nn.log_softmax %h : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}
