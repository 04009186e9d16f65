// The constant has a value per image, so there is no other batch size.
func.func @main(%x: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %c = nn.constant dense<1.0> : tensor<4x3xf32>
  %y = nn.add %x, %c : tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}
