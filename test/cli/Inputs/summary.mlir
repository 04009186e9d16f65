//--- tied.mlir
// A parameter that two layers share, under two reads.
func.func @main(%image: tensor<?x1x9x9xf32> {nn.name = "image"}) -> (tensor<?x4xf32> {nn.name = "output"}) {
  %w0 = nn.parameter "w0" : tensor<4x1x3x3xf32>
  %i = nn.conv2d %image, %w0 {padding = array<i64: 1, 1>} : tensor<?x1x9x9xf32>, tensor<4x1x3x3xf32>
  %w = nn.parameter "w" : tensor<4x4x3x3xf32>
  %a = nn.conv2d %i, %w {padding = array<i64: 1, 1>} : tensor<?x4x9x9xf32>, tensor<4x4x3x3xf32>
  %again = nn.parameter "w" : tensor<4x4x3x3xf32>
  %bias = nn.parameter "bias" : tensor<4xf32>
  %b = nn.conv2d %a, %again bias %bias {padding = array<i64: 1, 1>} : tensor<?x4x9x9xf32>, tensor<4x4x3x3xf32>, tensor<4xf32>
  %p = nn.global_avg_pool %b : tensor<?x4x9x9xf32>
  %f = nn.flatten %p : tensor<?x4x1x1xf32>
  %o = nn.log_softmax %f : tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

//--- windows.mlir
// Windows that are no squares.
func.func @main(%image: tensor<?x1x20x20xf32> {nn.name = "image"}) -> (tensor<?x3xf32> {nn.name = "output"}) {
  // 5x7, every other column.
  %w1 = nn.parameter "w1" : tensor<2x1x5x7xf32>
  %c1 = nn.conv2d %image, %w1 {stride = array<i64: 1, 2>} : tensor<?x1x20x20xf32>, tensor<2x1x5x7xf32>
  // Two paths: 3x3, which sees 5 + 2 and 7 + 2*2, and none.
  %w2 = nn.parameter "w2" : tensor<2x2x3x3xf32>
  %c2 = nn.conv2d %c1, %w2 {padding = array<i64: 1, 1>} : tensor<?x2x16x7xf32>, tensor<2x2x3x3xf32>
  %s = nn.add %c1, %c2 : tensor<?x2x16x7xf32>
  %f = nn.flatten %s : tensor<?x2x16x7xf32>
  %r = nn.relu %f : tensor<?x224xf32>
  // All of the 16 rows, 1 apart, and the 7 columns, 2 apart: 7 + 15 and 11 + 6*2.
  %w3 = nn.parameter "w3" : tensor<3x224xf32>
  %l = nn.linear %r, %w3 : tensor<?x224xf32>, tensor<3x224xf32>
  %o = nn.log_softmax %l : tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}

//--- features.mlir
// An image that is features already.
func.func @main(%image: tensor<?x50xf32> {nn.name = "image"}) -> (tensor<?x3xf32> {nn.name = "output"}) {
  %r = nn.relu %image : tensor<?x50xf32>
  %w = nn.parameter "w" : tensor<3x50xf32>
  %l = nn.linear %r, %w : tensor<?x50xf32>, tensor<3x50xf32>
  %o = nn.log_softmax %l : tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}

//--- larger.mlir
// A quarter of the image, and back to its size and beyond.
func.func @main(%image: tensor<?x4x32x32xf32> {nn.name = "image"}) -> (tensor<?x4x32x32xf32> {nn.name = "output"}) {
  %w = nn.parameter "w" : tensor<4x4x3x3xf32>
  %c = nn.conv2d %image, %w {stride = array<i64: 4, 4>, padding = array<i64: 1, 1>} : tensor<?x4x32x32xf32>, tensor<4x4x3x3xf32>
  %w2 = nn.parameter "w2" : tensor<4x4x2x2xf32>
  %t = nn.conv_transpose2d %c, %w2 {stride = array<i64: 2, 2>} : tensor<?x4x8x8xf32>, tensor<4x4x2x2xf32>
  %n = nn.resize2d %t {size = array<i64: 48, 32>} : tensor<?x4x16x16xf32>
  %b = nn.resize2d %n {size = array<i64: 48, 64>, mode = "bilinear"} : tensor<?x4x48x32xf32>
  %d = nn.conv2d %b, %w {padding = array<i64: 1, 1>} : tensor<?x4x48x64xf32>, tensor<4x4x3x3xf32>
  %o = nn.adaptive_avg_pool2d %d {output_size = array<i64: 32, 32>} : tensor<?x4x48x64xf32>
  return %o : tensor<?x4x32x32xf32>
}

//--- means.mlir
func.func @main(%image: tensor<?x2x8x10xf32> {nn.name = "image"})
    -> (tensor<?x2x6x1xf32> {nn.name = "rows"}, tensor<?x6x8xf32> {nn.name = "sum"}, tensor<?x3xf32> {nn.name = "output"}) {
  %w = nn.parameter "w" : tensor<2x2x3x3xf32>
  %c = nn.conv2d %image, %w : tensor<?x2x8x10xf32>, tensor<2x2x3x3xf32>
  %n = nn.normalize %c {axes = array<i64: 2, 3>} : tensor<?x2x6x8xf32>
  %d = nn.conv2d %n, %w : tensor<?x2x6x8xf32>, tensor<2x2x3x3xf32>
  %a = nn.reduce_max %c {axes = array<i64: 3>, keep_dims = true} : tensor<?x2x6x8xf32>
  %s = nn.reduce_sum %n {axes = array<i64: 1>} : tensor<?x2x6x8xf32>
  %m = nn.reduce_mean %d {axes = array<i64: -1, 2>} : tensor<?x2x4x6xf32>
  %w2 = nn.parameter "w2" : tensor<3x2xf32>
  %l = nn.linear %m, %w2 : tensor<?x2xf32>, tensor<3x2xf32>
  return %a, %s, %l : tensor<?x2x6x1xf32>, tensor<?x6x8xf32>, tensor<?x3xf32>
}

//--- paths.mlir
// Two 3x3 convolutions, one that pads above alone and one below alone, and one with gaps.
func.func @main(%image: tensor<?x1x9x9xf32> {nn.name = "image"}) -> (tensor<?x2x7x7xf32> {nn.name = "output"}) {
  %w1 = nn.parameter "left.weight" : tensor<2x1x3x3xf32>
  %a = nn.conv2d %image, %w1 {padding = array<i64: 2, 1, 0, 1>} : tensor<?x1x9x9xf32>, tensor<2x1x3x3xf32>
  %w2 = nn.parameter "right.weight" : tensor<2x1x3x3xf32>
  %b = nn.conv2d %image, %w2 {padding = array<i64: 0, 1, 2, 1>} : tensor<?x1x9x9xf32>, tensor<2x1x3x3xf32>
  %s = nn.add %a, %b : tensor<?x2x9x9xf32>
  %w3 = nn.parameter "wide.weight" : tensor<2x2x3x3xf32>
  %c = nn.conv2d %s, %w3 {dilation = array<i64: 2, 2>, padding = array<i64: 0, 0, 2, 2>} : tensor<?x2x9x9xf32>, tensor<2x2x3x3xf32>
  return %c : tensor<?x2x7x7xf32>
}

//--- fixed.mlir
func.func @main(%image: tensor<8x50xf32> {nn.name = "image"}) -> (tensor<8x3xf32> {nn.name = "output"}) {
  %w = nn.parameter "l.weight" : tensor<3x50xf32>
  %b = nn.parameter "l.bias" : tensor<3xf32>
  %l = nn.linear %image, %w bias %b : tensor<8x50xf32>, tensor<3x50xf32>, tensor<3xf32>
  %o = nn.log_softmax %l : tensor<8x3xf32>
  return %o : tensor<8x3xf32>
}

//--- blocks.net
input image: [N, 1, 12, 12] mean=[0.5] std=0.25
block unit: conv2d(4, 3, padding=1) | relu
block pair { inner: unit | again: unit | max_pool2d(2) }
one: pair
block last { inner: unit | again: unit }
two: last
trunk: global_avg_pool | head: conv2d(3, 1) | flatten | log_softmax

//--- other.net
input image: [N, 1, 12, 12] mean=[0.5] std=0.25
block unit: conv2d(4, 3, padding=1) | relu
block pair { inner: unit | again: unit | max_pool2d(2) }
one: pair
block last { inner: unit }
two: last
trunk: global_avg_pool | head: conv2d(5, 1) | flatten | log_softmax
