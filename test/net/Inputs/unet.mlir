// A U-shaped net: scores for each pixel of a picture, from what lies far around it and from
// what is at its place.
func.func @main(%image: tensor<?x1x32x32xf32> {nn.name = "image", nn.mean = [0.4], nn.std = [0.25]})
    -> (tensor<?x3x32x32xf32> {nn.name = "scores"}) {
  // Down: 32x32 -> 16x16 -> 8x8.
  %down1_1_weight = nn.parameter "down1.1.weight" : tensor<8x1x3x3xf32>
  %down1_1_bias = nn.parameter "down1.1.bias" {init = 0.0 : f32} : tensor<8xf32>
  %1 = nn.conv2d %image, %down1_1_weight bias %down1_1_bias {padding = array<i64: 1, 1>} : tensor<?x1x32x32xf32>, tensor<8x1x3x3xf32>, tensor<8xf32>
  %2 = nn.relu %1 : tensor<?x8x32x32xf32>
  %down1_2_weight = nn.parameter "down1.2.weight" : tensor<8x8x3x3xf32>
  %down1_2_bias = nn.parameter "down1.2.bias" {init = 0.0 : f32} : tensor<8xf32>
  %3 = nn.conv2d %2, %down1_2_weight bias %down1_2_bias {padding = array<i64: 1, 1>} : tensor<?x8x32x32xf32>, tensor<8x8x3x3xf32>, tensor<8xf32>
  %4 = nn.relu %3 : tensor<?x8x32x32xf32>
  %5 = nn.max_pool2d %4 {kernel = array<i64: 2, 2>} : tensor<?x8x32x32xf32>
  %down2_1_weight = nn.parameter "down2.1.weight" : tensor<16x8x3x3xf32>
  %down2_1_bias = nn.parameter "down2.1.bias" {init = 0.0 : f32} : tensor<16xf32>
  %6 = nn.conv2d %5, %down2_1_weight bias %down2_1_bias {padding = array<i64: 1, 1>} : tensor<?x8x16x16xf32>, tensor<16x8x3x3xf32>, tensor<16xf32>
  %7 = nn.relu %6 : tensor<?x16x16x16xf32>
  %down2_2_weight = nn.parameter "down2.2.weight" : tensor<16x16x3x3xf32>
  %down2_2_bias = nn.parameter "down2.2.bias" {init = 0.0 : f32} : tensor<16xf32>
  %8 = nn.conv2d %7, %down2_2_weight bias %down2_2_bias {padding = array<i64: 1, 1>} : tensor<?x16x16x16xf32>, tensor<16x16x3x3xf32>, tensor<16xf32>
  %9 = nn.relu %8 : tensor<?x16x16x16xf32>
  %10 = nn.max_pool2d %9 {kernel = array<i64: 2, 2>} : tensor<?x16x16x16xf32>
  %bottom_1_weight = nn.parameter "bottom.1.weight" : tensor<32x16x3x3xf32>
  %bottom_1_bias = nn.parameter "bottom.1.bias" {init = 0.0 : f32} : tensor<32xf32>
  %11 = nn.conv2d %10, %bottom_1_weight bias %bottom_1_bias {padding = array<i64: 1, 1>} : tensor<?x16x8x8xf32>, tensor<32x16x3x3xf32>, tensor<32xf32>
  %12 = nn.relu %11 : tensor<?x32x8x8xf32>
  %bottom_2_weight = nn.parameter "bottom.2.weight" : tensor<32x32x3x3xf32>
  %bottom_2_bias = nn.parameter "bottom.2.bias" {init = 0.0 : f32} : tensor<32xf32>
  %13 = nn.conv2d %12, %bottom_2_weight bias %bottom_2_bias {padding = array<i64: 1, 1>} : tensor<?x32x8x8xf32>, tensor<32x32x3x3xf32>, tensor<32xf32>
  %14 = nn.relu %13 : tensor<?x32x8x8xf32>

  // Up again, each time with what was there on the way down.
  %up2_weight = nn.parameter "up2.weight" : tensor<32x16x2x2xf32>
  %up2_bias = nn.parameter "up2.bias" {init = 0.0 : f32} : tensor<16xf32>
  %15 = nn.conv_transpose2d %14, %up2_weight bias %up2_bias {stride = array<i64: 2, 2>} : tensor<?x32x8x8xf32>, tensor<32x16x2x2xf32>, tensor<16xf32>
  %16 = nn.concat %15, %9 : tensor<?x16x16x16xf32>, tensor<?x16x16x16xf32>
  %join2_1_weight = nn.parameter "join2.1.weight" : tensor<16x32x3x3xf32>
  %join2_1_bias = nn.parameter "join2.1.bias" {init = 0.0 : f32} : tensor<16xf32>
  %17 = nn.conv2d %16, %join2_1_weight bias %join2_1_bias {padding = array<i64: 1, 1>} : tensor<?x32x16x16xf32>, tensor<16x32x3x3xf32>, tensor<16xf32>
  %18 = nn.relu %17 : tensor<?x16x16x16xf32>
  %join2_2_weight = nn.parameter "join2.2.weight" : tensor<16x16x3x3xf32>
  %join2_2_bias = nn.parameter "join2.2.bias" {init = 0.0 : f32} : tensor<16xf32>
  %19 = nn.conv2d %18, %join2_2_weight bias %join2_2_bias {padding = array<i64: 1, 1>} : tensor<?x16x16x16xf32>, tensor<16x16x3x3xf32>, tensor<16xf32>
  %20 = nn.relu %19 : tensor<?x16x16x16xf32>
  %up1_weight = nn.parameter "up1.weight" : tensor<16x8x2x2xf32>
  %up1_bias = nn.parameter "up1.bias" {init = 0.0 : f32} : tensor<8xf32>
  %21 = nn.conv_transpose2d %20, %up1_weight bias %up1_bias {stride = array<i64: 2, 2>} : tensor<?x16x16x16xf32>, tensor<16x8x2x2xf32>, tensor<8xf32>
  %22 = nn.concat %21, %4 : tensor<?x8x32x32xf32>, tensor<?x8x32x32xf32>
  %join1_1_weight = nn.parameter "join1.1.weight" : tensor<8x16x3x3xf32>
  %join1_1_bias = nn.parameter "join1.1.bias" {init = 0.0 : f32} : tensor<8xf32>
  %23 = nn.conv2d %22, %join1_1_weight bias %join1_1_bias {padding = array<i64: 1, 1>} : tensor<?x16x32x32xf32>, tensor<8x16x3x3xf32>, tensor<8xf32>
  %24 = nn.relu %23 : tensor<?x8x32x32xf32>
  %join1_2_weight = nn.parameter "join1.2.weight" : tensor<8x8x3x3xf32>
  %join1_2_bias = nn.parameter "join1.2.bias" {init = 0.0 : f32} : tensor<8xf32>
  %25 = nn.conv2d %24, %join1_2_weight bias %join1_2_bias {padding = array<i64: 1, 1>} : tensor<?x8x32x32xf32>, tensor<8x8x3x3xf32>, tensor<8xf32>
  %26 = nn.relu %25 : tensor<?x8x32x32xf32>
  %head_weight = nn.parameter "head.weight" : tensor<3x8x1x1xf32>
  %head_bias = nn.parameter "head.bias" {init = 0.0 : f32} : tensor<3xf32>
  %scores = nn.conv2d %26, %head_weight bias %head_bias : tensor<?x8x32x32xf32>, tensor<3x8x1x1xf32>, tensor<3xf32>
  return %scores : tensor<?x3x32x32xf32>
}
