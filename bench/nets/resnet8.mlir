// ResNet-8 for 3x32x32 images: stages of 16, 32 and 64 channels. A residual
// block is conv, norm, ReLU, conv, norm, plus its input; a stage that halves the
// image takes its input through a 1x1 convolution of stride 2. Fully convolutional.
func.func @main(%image: tensor<?x3x32x32xf32> {nn.name = "image", nn.mean = [0.4914, 0.4822, 0.4465], nn.std = [0.247, 0.2435, 0.2616]})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  %conv1_weight = nn.parameter "conv1.weight" : tensor<16x3x3x3xf32>
  %1 = nn.conv2d %image, %conv1_weight {padding = array<i64: 1, 1>} : tensor<?x3x32x32xf32>, tensor<16x3x3x3xf32>
  %norm1_weight = nn.parameter "norm1.weight" {init = 1.0 : f32} : tensor<16xf32>
  %norm1_bias = nn.parameter "norm1.bias" {init = 0.0 : f32} : tensor<16xf32>
  %norm1_running_mean = nn.parameter "norm1.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %norm1_running_var = nn.parameter "norm1.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %2 = nn.batch_norm %1, %norm1_weight, %norm1_bias, %norm1_running_mean, %norm1_running_var : tensor<?x16x32x32xf32>
  %3 = nn.relu %2 : tensor<?x16x32x32xf32>

  %conv2_weight = nn.parameter "conv2.weight" : tensor<16x16x3x3xf32>
  %4 = nn.conv2d %3, %conv2_weight {padding = array<i64: 1, 1>} : tensor<?x16x32x32xf32>, tensor<16x16x3x3xf32>
  %norm2_weight = nn.parameter "norm2.weight" {init = 1.0 : f32} : tensor<16xf32>
  %norm2_bias = nn.parameter "norm2.bias" {init = 0.0 : f32} : tensor<16xf32>
  %norm2_running_mean = nn.parameter "norm2.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %norm2_running_var = nn.parameter "norm2.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %5 = nn.batch_norm %4, %norm2_weight, %norm2_bias, %norm2_running_mean, %norm2_running_var : tensor<?x16x32x32xf32>
  %6 = nn.relu %5 : tensor<?x16x32x32xf32>

  %conv3_weight = nn.parameter "conv3.weight" : tensor<16x16x3x3xf32>
  %7 = nn.conv2d %6, %conv3_weight {padding = array<i64: 1, 1>} : tensor<?x16x32x32xf32>, tensor<16x16x3x3xf32>
  %norm3_weight = nn.parameter "norm3.weight" {init = 1.0 : f32} : tensor<16xf32>
  %norm3_bias = nn.parameter "norm3.bias" {init = 0.0 : f32} : tensor<16xf32>
  %norm3_running_mean = nn.parameter "norm3.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %norm3_running_var = nn.parameter "norm3.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %8 = nn.batch_norm %7, %norm3_weight, %norm3_bias, %norm3_running_mean, %norm3_running_var : tensor<?x16x32x32xf32>
  %9 = nn.add %8, %3 : tensor<?x16x32x32xf32>
  %10 = nn.relu %9 : tensor<?x16x32x32xf32>

  %conv4_weight = nn.parameter "conv4.weight" : tensor<32x16x3x3xf32>
  %11 = nn.conv2d %10, %conv4_weight {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<?x16x32x32xf32>, tensor<32x16x3x3xf32>
  %norm4_weight = nn.parameter "norm4.weight" {init = 1.0 : f32} : tensor<32xf32>
  %norm4_bias = nn.parameter "norm4.bias" {init = 0.0 : f32} : tensor<32xf32>
  %norm4_running_mean = nn.parameter "norm4.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<32xf32>
  %norm4_running_var = nn.parameter "norm4.running_var" {role = "buffer", init = 1.0 : f32} : tensor<32xf32>
  %12 = nn.batch_norm %11, %norm4_weight, %norm4_bias, %norm4_running_mean, %norm4_running_var : tensor<?x32x16x16xf32>
  %13 = nn.relu %12 : tensor<?x32x16x16xf32>

  %conv5_weight = nn.parameter "conv5.weight" : tensor<32x32x3x3xf32>
  %14 = nn.conv2d %13, %conv5_weight {padding = array<i64: 1, 1>} : tensor<?x32x16x16xf32>, tensor<32x32x3x3xf32>
  %norm5_weight = nn.parameter "norm5.weight" {init = 1.0 : f32} : tensor<32xf32>
  %norm5_bias = nn.parameter "norm5.bias" {init = 0.0 : f32} : tensor<32xf32>
  %norm5_running_mean = nn.parameter "norm5.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<32xf32>
  %norm5_running_var = nn.parameter "norm5.running_var" {role = "buffer", init = 1.0 : f32} : tensor<32xf32>
  %15 = nn.batch_norm %14, %norm5_weight, %norm5_bias, %norm5_running_mean, %norm5_running_var : tensor<?x32x16x16xf32>

  %conv6_weight = nn.parameter "conv6.weight" : tensor<32x16x1x1xf32>
  %16 = nn.conv2d %10, %conv6_weight {stride = array<i64: 2, 2>} : tensor<?x16x32x32xf32>, tensor<32x16x1x1xf32>
  %norm6_weight = nn.parameter "norm6.weight" {init = 1.0 : f32} : tensor<32xf32>
  %norm6_bias = nn.parameter "norm6.bias" {init = 0.0 : f32} : tensor<32xf32>
  %norm6_running_mean = nn.parameter "norm6.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<32xf32>
  %norm6_running_var = nn.parameter "norm6.running_var" {role = "buffer", init = 1.0 : f32} : tensor<32xf32>
  %17 = nn.batch_norm %16, %norm6_weight, %norm6_bias, %norm6_running_mean, %norm6_running_var : tensor<?x32x16x16xf32>
  %18 = nn.add %15, %17 : tensor<?x32x16x16xf32>
  %19 = nn.relu %18 : tensor<?x32x16x16xf32>

  %conv7_weight = nn.parameter "conv7.weight" : tensor<64x32x3x3xf32>
  %20 = nn.conv2d %19, %conv7_weight {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<?x32x16x16xf32>, tensor<64x32x3x3xf32>
  %norm7_weight = nn.parameter "norm7.weight" {init = 1.0 : f32} : tensor<64xf32>
  %norm7_bias = nn.parameter "norm7.bias" {init = 0.0 : f32} : tensor<64xf32>
  %norm7_running_mean = nn.parameter "norm7.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<64xf32>
  %norm7_running_var = nn.parameter "norm7.running_var" {role = "buffer", init = 1.0 : f32} : tensor<64xf32>
  %21 = nn.batch_norm %20, %norm7_weight, %norm7_bias, %norm7_running_mean, %norm7_running_var : tensor<?x64x8x8xf32>
  %22 = nn.relu %21 : tensor<?x64x8x8xf32>

  %conv8_weight = nn.parameter "conv8.weight" : tensor<64x64x3x3xf32>
  %23 = nn.conv2d %22, %conv8_weight {padding = array<i64: 1, 1>} : tensor<?x64x8x8xf32>, tensor<64x64x3x3xf32>
  %norm8_weight = nn.parameter "norm8.weight" {init = 1.0 : f32} : tensor<64xf32>
  %norm8_bias = nn.parameter "norm8.bias" {init = 0.0 : f32} : tensor<64xf32>
  %norm8_running_mean = nn.parameter "norm8.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<64xf32>
  %norm8_running_var = nn.parameter "norm8.running_var" {role = "buffer", init = 1.0 : f32} : tensor<64xf32>
  %24 = nn.batch_norm %23, %norm8_weight, %norm8_bias, %norm8_running_mean, %norm8_running_var : tensor<?x64x8x8xf32>

  %conv9_weight = nn.parameter "conv9.weight" : tensor<64x32x1x1xf32>
  %25 = nn.conv2d %19, %conv9_weight {stride = array<i64: 2, 2>} : tensor<?x32x16x16xf32>, tensor<64x32x1x1xf32>
  %norm9_weight = nn.parameter "norm9.weight" {init = 1.0 : f32} : tensor<64xf32>
  %norm9_bias = nn.parameter "norm9.bias" {init = 0.0 : f32} : tensor<64xf32>
  %norm9_running_mean = nn.parameter "norm9.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<64xf32>
  %norm9_running_var = nn.parameter "norm9.running_var" {role = "buffer", init = 1.0 : f32} : tensor<64xf32>
  %26 = nn.batch_norm %25, %norm9_weight, %norm9_bias, %norm9_running_mean, %norm9_running_var : tensor<?x64x8x8xf32>
  %27 = nn.add %24, %26 : tensor<?x64x8x8xf32>
  %28 = nn.relu %27 : tensor<?x64x8x8xf32>
  %29 = nn.global_avg_pool %28 : tensor<?x64x8x8xf32>

  %head_weight = nn.parameter "head.weight" : tensor<10x64x1x1xf32>
  %30 = nn.conv2d %29, %head_weight : tensor<?x64x1x1xf32>, tensor<10x64x1x1xf32>
  %31 = nn.flatten %30 : tensor<?x10x1x1xf32>
  %32 = nn.log_softmax %31 : tensor<?x10xf32>
  return %32 : tensor<?x10xf32>
}
