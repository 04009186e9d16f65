// A picture as 16 numbers and back. The encoder is two convolutions of stride 2 and a linear
// layer, the decoder a linear layer and two transposed convolutions of stride 2. The second
// output, the code, has no loss of its own.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081], nn.preprocess = "digit"})
    -> (tensor<?x1x28x28xf32> {nn.name = "picture"}, tensor<?x16xf32> {nn.name = "code"}) {
  // Encoder: 28x28 -> 14x14 -> 7x7 -> 16 numbers.
  %conv1_weight = nn.parameter "conv1.weight" : tensor<8x1x3x3xf32>
  %conv1_bias = nn.parameter "conv1.bias" {init = 0.0 : f32} : tensor<8xf32>
  %1 = nn.conv2d %image, %conv1_weight bias %conv1_bias {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<?x1x28x28xf32>, tensor<8x1x3x3xf32>, tensor<8xf32>
  %2 = nn.relu %1 : tensor<?x8x14x14xf32>
  %conv2_weight = nn.parameter "conv2.weight" : tensor<16x8x3x3xf32>
  %conv2_bias = nn.parameter "conv2.bias" {init = 0.0 : f32} : tensor<16xf32>
  %3 = nn.conv2d %2, %conv2_weight bias %conv2_bias {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<?x8x14x14xf32>, tensor<16x8x3x3xf32>, tensor<16xf32>
  %4 = nn.relu %3 : tensor<?x16x7x7xf32>
  %5 = nn.flatten %4 : tensor<?x16x7x7xf32>
  %code_weight = nn.parameter "code.weight" : tensor<16x784xf32>
  %code_bias = nn.parameter "code.bias" {init = 0.0 : f32} : tensor<16xf32>
  %code = nn.linear %5, %code_weight bias %code_bias : tensor<?x784xf32>, tensor<16x784xf32>, tensor<16xf32>

  // Decoder: 16 numbers -> 7x7 -> 14x14 -> 28x28.
  %rough_weight = nn.parameter "rough.weight" : tensor<784x16xf32>
  %rough_bias = nn.parameter "rough.bias" {init = 0.0 : f32} : tensor<784xf32>
  %6 = nn.linear %code, %rough_weight bias %rough_bias : tensor<?x16xf32>, tensor<784x16xf32>, tensor<784xf32>
  %7 = nn.relu %6 : tensor<?x784xf32>
  %8 = nn.reshape %7 {shape = array<i64: 0, 16, 7, 7>} : tensor<?x784xf32>
  %up1_weight = nn.parameter "up1.weight" : tensor<16x8x3x3xf32>
  %up1_bias = nn.parameter "up1.bias" {init = 0.0 : f32} : tensor<8xf32>
  %9 = nn.conv_transpose2d %8, %up1_weight bias %up1_bias {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>, output_padding = array<i64: 1, 1>} : tensor<?x16x7x7xf32>, tensor<16x8x3x3xf32>, tensor<8xf32>
  %10 = nn.relu %9 : tensor<?x8x14x14xf32>
  %up2_weight = nn.parameter "up2.weight" : tensor<8x1x3x3xf32>
  %up2_bias = nn.parameter "up2.bias" {init = 0.0 : f32} : tensor<1xf32>
  %picture = nn.conv_transpose2d %10, %up2_weight bias %up2_bias {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>, output_padding = array<i64: 1, 1>} : tensor<?x8x14x14xf32>, tensor<8x1x3x3xf32>, tensor<1xf32>
  return %picture, %code : tensor<?x1x28x28xf32>, tensor<?x16xf32>
}
