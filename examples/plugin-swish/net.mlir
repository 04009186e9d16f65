// A small net with swish in place of ReLU: 28x28 -> 13x13 -> 6x6, then the classes.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081], nn.preprocess = "digit"})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  %w1 = nn.parameter "conv1.weight" : tensor<8x1x3x3xf32>
  %c1 = nn.conv2d %image, %w1 {stride = array<i64: 2, 2>} : tensor<?x1x28x28xf32>, tensor<8x1x3x3xf32>
  %s1 = nn.swish %c1 : tensor<?x8x13x13xf32>

  %w2 = nn.parameter "conv2.weight" : tensor<16x8x3x3xf32>
  %c2 = nn.conv2d %s1, %w2 {stride = array<i64: 2, 2>} : tensor<?x8x13x13xf32>, tensor<16x8x3x3xf32>
  %s2 = nn.swish %c2 {beta = 1.5} : tensor<?x16x6x6xf32>

  %f = nn.flatten %s2 : tensor<?x16x6x6xf32>
  %w3 = nn.parameter "head.weight" : tensor<10x576xf32>
  %b3 = nn.parameter "head.bias" {init = 0.0 : f32} : tensor<10xf32>
  %l = nn.linear %f, %w3 bias %b3 : tensor<?x576xf32>, tensor<10x576xf32>, tensor<10xf32>
  %output = nn.log_softmax %l : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
