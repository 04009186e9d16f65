func.func @main(%image: tensor<?x1x8x8xf32> {nn.name = "image"}) -> (tensor<?x4xf32> {nn.name = "output"}) {
  %w = nn.parameter "head.weight" : tensor<4x1x8x8xf32>
  %c = nn.conv2d %image, %w : tensor<?x1x8x8xf32>, tensor<4x1x8x8xf32>
  %f = nn.flatten %c : tensor<?x4x1x1xf32>
  %s = nn.softmax %f : tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}
