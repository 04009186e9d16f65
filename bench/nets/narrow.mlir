// 1 -> 10 -> 16 -> 10 -> 16 -> 16 -> 16 -> 10 channels, the channel counts that no
// vector divides. A block is conv -> ReLU -> batch norm -> dropout; the transition
// and the head are bare.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081]})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  %conv1_weight = nn.parameter "conv1.weight" : tensor<10x1x3x3xf32>
  %1 = nn.conv2d %image, %conv1_weight : tensor<?x1x28x28xf32>, tensor<10x1x3x3xf32>
  %2 = nn.relu %1 : tensor<?x10x26x26xf32>
  %norm1_weight = nn.parameter "norm1.weight" {init = 1.0 : f32} : tensor<10xf32>
  %norm1_bias = nn.parameter "norm1.bias" {init = 0.0 : f32} : tensor<10xf32>
  %norm1_running_mean = nn.parameter "norm1.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<10xf32>
  %norm1_running_var = nn.parameter "norm1.running_var" {role = "buffer", init = 1.0 : f32} : tensor<10xf32>
  %3 = nn.batch_norm %2, %norm1_weight, %norm1_bias, %norm1_running_mean, %norm1_running_var : tensor<?x10x26x26xf32>
  %4 = nn.dropout %3 {p = 0.1} : tensor<?x10x26x26xf32>

  %conv2_weight = nn.parameter "conv2.weight" : tensor<16x10x3x3xf32>
  %5 = nn.conv2d %4, %conv2_weight : tensor<?x10x26x26xf32>, tensor<16x10x3x3xf32>
  %6 = nn.relu %5 : tensor<?x16x24x24xf32>
  %norm2_weight = nn.parameter "norm2.weight" {init = 1.0 : f32} : tensor<16xf32>
  %norm2_bias = nn.parameter "norm2.bias" {init = 0.0 : f32} : tensor<16xf32>
  %norm2_running_mean = nn.parameter "norm2.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %norm2_running_var = nn.parameter "norm2.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %7 = nn.batch_norm %6, %norm2_weight, %norm2_bias, %norm2_running_mean, %norm2_running_var : tensor<?x16x24x24xf32>
  %8 = nn.dropout %7 {p = 0.1} : tensor<?x16x24x24xf32>

  %transition_weight = nn.parameter "transition.weight" : tensor<10x16x1x1xf32>
  %9 = nn.conv2d %8, %transition_weight : tensor<?x16x24x24xf32>, tensor<10x16x1x1xf32>
  %10 = nn.max_pool2d %9 {kernel = array<i64: 2, 2>} : tensor<?x10x24x24xf32>

  %conv4_weight = nn.parameter "conv4.weight" : tensor<16x10x3x3xf32>
  %11 = nn.conv2d %10, %conv4_weight : tensor<?x10x12x12xf32>, tensor<16x10x3x3xf32>
  %12 = nn.relu %11 : tensor<?x16x10x10xf32>
  %norm4_weight = nn.parameter "norm4.weight" {init = 1.0 : f32} : tensor<16xf32>
  %norm4_bias = nn.parameter "norm4.bias" {init = 0.0 : f32} : tensor<16xf32>
  %norm4_running_mean = nn.parameter "norm4.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %norm4_running_var = nn.parameter "norm4.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %13 = nn.batch_norm %12, %norm4_weight, %norm4_bias, %norm4_running_mean, %norm4_running_var : tensor<?x16x10x10xf32>
  %14 = nn.dropout %13 {p = 0.1} : tensor<?x16x10x10xf32>

  %conv5_weight = nn.parameter "conv5.weight" : tensor<16x16x3x3xf32>
  %15 = nn.conv2d %14, %conv5_weight : tensor<?x16x10x10xf32>, tensor<16x16x3x3xf32>
  %16 = nn.relu %15 : tensor<?x16x8x8xf32>
  %norm5_weight = nn.parameter "norm5.weight" {init = 1.0 : f32} : tensor<16xf32>
  %norm5_bias = nn.parameter "norm5.bias" {init = 0.0 : f32} : tensor<16xf32>
  %norm5_running_mean = nn.parameter "norm5.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %norm5_running_var = nn.parameter "norm5.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %17 = nn.batch_norm %16, %norm5_weight, %norm5_bias, %norm5_running_mean, %norm5_running_var : tensor<?x16x8x8xf32>
  %18 = nn.dropout %17 {p = 0.1} : tensor<?x16x8x8xf32>

  %conv6_weight = nn.parameter "conv6.weight" : tensor<16x16x3x3xf32>
  %19 = nn.conv2d %18, %conv6_weight : tensor<?x16x8x8xf32>, tensor<16x16x3x3xf32>
  %20 = nn.relu %19 : tensor<?x16x6x6xf32>
  %norm6_weight = nn.parameter "norm6.weight" {init = 1.0 : f32} : tensor<16xf32>
  %norm6_bias = nn.parameter "norm6.bias" {init = 0.0 : f32} : tensor<16xf32>
  %norm6_running_mean = nn.parameter "norm6.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %norm6_running_var = nn.parameter "norm6.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %21 = nn.batch_norm %20, %norm6_weight, %norm6_bias, %norm6_running_mean, %norm6_running_var : tensor<?x16x6x6xf32>
  %22 = nn.dropout %21 {p = 0.1} : tensor<?x16x6x6xf32>
  %23 = nn.global_avg_pool %22 : tensor<?x16x6x6xf32>

  %head_weight = nn.parameter "head.weight" : tensor<10x16x1x1xf32>
  %24 = nn.conv2d %23, %head_weight : tensor<?x16x1x1xf32>, tensor<10x16x1x1xf32>
  %25 = nn.flatten %24 : tensor<?x10x1x1xf32>
  %26 = nn.log_softmax %25 : tensor<?x10xf32>
  return %26 : tensor<?x10xf32>
}
