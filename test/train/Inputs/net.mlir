// Nothing that depends on which samples stand in a batch: several small batches are one large one.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081]})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  %w1 = nn.parameter "conv.weight" : tensor<4x1x3x3xf32>
  %c = nn.conv2d %image, %w1 {stride = array<i64: 2, 2>} : tensor<?x1x28x28xf32>, tensor<4x1x3x3xf32>
  %r = nn.relu %c : tensor<?x4x13x13xf32>
  %f = nn.flatten %r : tensor<?x4x13x13xf32>
  %w2 = nn.parameter "head.weight" : tensor<10x676xf32>
  %b2 = nn.parameter "head.bias" {init = 0.0 : f32} : tensor<10xf32>
  %l = nn.linear %f, %w2 bias %b2 : tensor<?x676xf32>, tensor<10x676xf32>, tensor<10xf32>
  %output = nn.log_softmax %l : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
