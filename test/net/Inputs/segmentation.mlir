// What each pixel of a picture is: ground, disc or square. Fully convolutional, and nothing is
// pooled: dilation lets a pixel see further, 3, 7, 15 and at last 31 pixels across.
func.func @main(%image: tensor<?x1x32x32xf32> {nn.name = "image", nn.mean = [0.35], nn.std = [0.22]})
    -> (tensor<?x3x32x32xf32> {nn.name = "scores"}) {
  %conv1_weight = nn.parameter "conv1.weight" : tensor<12x1x3x3xf32>
  %conv1_bias = nn.parameter "conv1.bias" {init = 0.0 : f32} : tensor<12xf32>
  %1 = nn.conv2d %image, %conv1_weight bias %conv1_bias {padding = array<i64: 1, 1>} : tensor<?x1x32x32xf32>, tensor<12x1x3x3xf32>, tensor<12xf32>
  %2 = nn.relu %1 : tensor<?x12x32x32xf32>
  %conv2_weight = nn.parameter "conv2.weight" : tensor<12x12x3x3xf32>
  %conv2_bias = nn.parameter "conv2.bias" {init = 0.0 : f32} : tensor<12xf32>
  %3 = nn.conv2d %2, %conv2_weight bias %conv2_bias {padding = array<i64: 2, 2>, dilation = array<i64: 2, 2>} : tensor<?x12x32x32xf32>, tensor<12x12x3x3xf32>, tensor<12xf32>
  %4 = nn.relu %3 : tensor<?x12x32x32xf32>
  %conv3_weight = nn.parameter "conv3.weight" : tensor<12x12x3x3xf32>
  %conv3_bias = nn.parameter "conv3.bias" {init = 0.0 : f32} : tensor<12xf32>
  %5 = nn.conv2d %4, %conv3_weight bias %conv3_bias {padding = array<i64: 4, 4>, dilation = array<i64: 4, 4>} : tensor<?x12x32x32xf32>, tensor<12x12x3x3xf32>, tensor<12xf32>
  %6 = nn.relu %5 : tensor<?x12x32x32xf32>
  %conv4_weight = nn.parameter "conv4.weight" : tensor<12x12x3x3xf32>
  %conv4_bias = nn.parameter "conv4.bias" {init = 0.0 : f32} : tensor<12xf32>
  %7 = nn.conv2d %6, %conv4_weight bias %conv4_bias {padding = array<i64: 8, 8>, dilation = array<i64: 8, 8>} : tensor<?x12x32x32xf32>, tensor<12x12x3x3xf32>, tensor<12xf32>
  %8 = nn.relu %7 : tensor<?x12x32x32xf32>

  // Three scores for each pixel.
  %head_weight = nn.parameter "head.weight" : tensor<3x12x1x1xf32>
  %head_bias = nn.parameter "head.bias" {init = 0.0 : f32} : tensor<3xf32>
  %scores = nn.conv2d %8, %head_weight bias %head_bias : tensor<?x12x32x32xf32>, tensor<3x12x1x1xf32>, tensor<3xf32>
  return %scores : tensor<?x3x32x32xf32>
}
