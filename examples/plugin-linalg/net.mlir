// A small net with a slope per channel in place of ReLU, and smoothed strides: 28x28 -> 26x26 -> 13x13 -> 11x11 -> 6x6.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081], nn.preprocess = "digit"})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  %w1 = nn.parameter "conv1.weight" : tensor<8x1x3x3xf32>
  %c1 = nn.conv2d %image, %w1 : tensor<?x1x28x28xf32>, tensor<8x1x3x3xf32>
  %a1 = nn.parameter "prelu1.slope" {init = 0.25 : f32} : tensor<8xf32>
  %r1 = nn.linalg_prelu %c1, %a1 : tensor<?x8x26x26xf32>, tensor<8xf32>
  %p1 = nn.blur_pool %r1 : tensor<?x8x26x26xf32>

  %w2 = nn.parameter "conv2.weight" : tensor<16x8x3x3xf32>
  %c2 = nn.conv2d %p1, %w2 : tensor<?x8x13x13xf32>, tensor<16x8x3x3xf32>
  %p2 = nn.blur_pool %c2 : tensor<?x16x11x11xf32>
  %r2 = nn.relu %p2 : tensor<?x16x6x6xf32>

  %f = nn.flatten %r2 : tensor<?x16x6x6xf32>
  %w3 = nn.parameter "head.weight" : tensor<10x576xf32>
  %b3 = nn.parameter "head.bias" {init = 0.0 : f32} : tensor<10xf32>
  %l = nn.linear %f, %w3 bias %b3 : tensor<?x576xf32>, tensor<10x576xf32>, tensor<10xf32>
  %output = nn.log_softmax %l : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
