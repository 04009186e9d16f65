// A convolution with enough channels for Winograd's form.
func.func @main(%image: tensor<?x1x12x12xf32> {nn.name = "image"}) -> (tensor<?x10xf32> {nn.name = "output"}) {
  %w1 = nn.parameter "conv1.weight" : tensor<16x1x3x3xf32>
  %c1 = nn.conv2d %image, %w1 : tensor<?x1x12x12xf32>, tensor<16x1x3x3xf32>
  %r1 = nn.relu %c1 : tensor<?x16x10x10xf32>
  %w2 = nn.parameter "conv2.weight" : tensor<32x16x3x3xf32>
  %c2 = nn.conv2d %r1, %w2 : tensor<?x16x10x10xf32>, tensor<32x16x3x3xf32>
  %w3 = nn.parameter "head.weight" : tensor<10x32x8x8xf32>
  %c3 = nn.conv2d %c2, %w3 : tensor<?x32x8x8xf32>, tensor<10x32x8x8xf32>
  %f3 = nn.flatten %c3 : tensor<?x10x1x1xf32>
  %output = nn.log_softmax %f3 : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
