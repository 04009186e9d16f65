// Softmax regression: one linear layer on the pixels.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081]})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  %features = nn.flatten %image : tensor<?x1x28x28xf32>
  %weight = nn.parameter "weight" : tensor<10x784xf32>
  %bias = nn.parameter "bias" {init = 0.0 : f32} : tensor<10xf32>
  %logits = nn.linear %features, %weight bias %bias : tensor<?x784xf32>, tensor<10x784xf32>, tensor<10xf32>
  %output = nn.log_softmax %logits : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
