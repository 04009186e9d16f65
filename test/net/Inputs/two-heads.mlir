// One net with two outputs: which digit a picture shows, and the picture again, both from the same
// 24 features.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081], nn.preprocess = "digit"})
    -> (tensor<?x10xf32> {nn.name = "digit"}, tensor<?x1x28x28xf32> {nn.name = "picture"}) {
  // The body: 28x28 -> 14x14 -> 7x7, then 24 features.
  %conv1_weight = nn.parameter "conv1.weight" : tensor<8x1x3x3xf32>
  %conv1_bias = nn.parameter "conv1.bias" {init = 0.0 : f32} : tensor<8xf32>
  %1 = nn.conv2d %image, %conv1_weight bias %conv1_bias {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<?x1x28x28xf32>, tensor<8x1x3x3xf32>, tensor<8xf32>
  %2 = nn.relu %1 : tensor<?x8x14x14xf32>
  %conv2_weight = nn.parameter "conv2.weight" : tensor<16x8x3x3xf32>
  %conv2_bias = nn.parameter "conv2.bias" {init = 0.0 : f32} : tensor<16xf32>
  %3 = nn.conv2d %2, %conv2_weight bias %conv2_bias {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<?x8x14x14xf32>, tensor<16x8x3x3xf32>, tensor<16xf32>
  %4 = nn.relu %3 : tensor<?x16x7x7xf32>
  %5 = nn.flatten %4 : tensor<?x16x7x7xf32>
  %features_weight = nn.parameter "features.weight" : tensor<24x784xf32>
  %features_bias = nn.parameter "features.bias" {init = 0.0 : f32} : tensor<24xf32>
  %6 = nn.linear %5, %features_weight bias %features_bias : tensor<?x784xf32>, tensor<24x784xf32>, tensor<24xf32>
  %features = nn.relu %6 : tensor<?x24xf32>

  // The first head: a score for each digit.
  %digit_weight = nn.parameter "digit.weight" : tensor<10x24xf32>
  %digit_bias = nn.parameter "digit.bias" {init = 0.0 : f32} : tensor<10xf32>
  %digit = nn.linear %features, %digit_weight bias %digit_bias : tensor<?x24xf32>, tensor<10x24xf32>, tensor<10xf32>

  // The second head: a number for each pixel.
  %picture_weight = nn.parameter "picture.weight" : tensor<784x24xf32>
  %picture_bias = nn.parameter "picture.bias" {init = 0.0 : f32} : tensor<784xf32>
  %7 = nn.linear %features, %picture_weight bias %picture_bias : tensor<?x24xf32>, tensor<784x24xf32>, tensor<784xf32>
  %picture = nn.reshape %7 {shape = array<i64: 0, 1, 28, 28>} : tensor<?x784xf32>
  return %digit, %picture : tensor<?x10xf32>, tensor<?x1x28x28xf32>
}
