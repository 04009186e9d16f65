// Which language is it? A character embedding and two 1-D convolutions.
func.func @main(%text: tensor<?x32xi32> {nn.name = "text"}) -> (tensor<?x4xf32> {nn.name = "scores"}) {
  // 32 letters become 32 vectors of 8 numbers, side by side: a picture one pixel high.
  %letters = nn.parameter "letters" : tensor<27x8xf32>
  %1 = nn.embedding %text, %letters : tensor<?x32xi32>, tensor<27x8xf32>
  %2 = nn.transpose %1 {permutation = array<i64: 0, 2, 1>} : tensor<?x32x8xf32>
  %3 = nn.reshape %2 {shape = array<i64: 0, 8, 1, 32>} : tensor<?x8x32xf32>

  // Three letters, then five, at a time.
  %conv1_weight = nn.parameter "conv1.weight" : tensor<24x8x1x3xf32>
  %conv1_bias = nn.parameter "conv1.bias" {init = 0.0 : f32} : tensor<24xf32>
  %4 = nn.conv2d %3, %conv1_weight bias %conv1_bias {padding = array<i64: 0, 1>} : tensor<?x8x1x32xf32>, tensor<24x8x1x3xf32>, tensor<24xf32>
  %5 = nn.relu %4 : tensor<?x24x1x32xf32>
  %conv2_weight = nn.parameter "conv2.weight" : tensor<32x24x1x3xf32>
  %conv2_bias = nn.parameter "conv2.bias" {init = 0.0 : f32} : tensor<32xf32>
  %6 = nn.conv2d %5, %conv2_weight bias %conv2_bias {padding = array<i64: 0, 1>} : tensor<?x24x1x32xf32>, tensor<32x24x1x3xf32>, tensor<32xf32>
  %7 = nn.relu %6 : tensor<?x32x1x32xf32>

  // What was found anywhere decides.
  %8 = nn.reduce_max %7 {axes = array<i64: 2, 3>} : tensor<?x32x1x32xf32>
  %head_weight = nn.parameter "head.weight" : tensor<4x32xf32>
  %head_bias = nn.parameter "head.bias" {init = 0.0 : f32} : tensor<4xf32>
  %9 = nn.linear %8, %head_weight bias %head_bias : tensor<?x32xf32>, tensor<4x32xf32>, tensor<4xf32>
  %scores = nn.log_softmax %9 : tensor<?x4xf32>
  return %scores : tensor<?x4xf32>
}
