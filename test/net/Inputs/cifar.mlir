// A small residual net for colour pictures of 32x32 pixels. It ends in ten scores (logits):
// train it with --loss cross_entropy. nn.mean and nn.std are those of CIFAR-10's three channels.
func.func @main(%image: tensor<?x3x32x32xf32> {nn.name = "image", nn.mean = [0.4914, 0.4822, 0.4465], nn.std = [0.247, 0.2435, 0.2616]})
    -> (tensor<?x10xf32> {nn.name = "scores"}) {
  // The stem: 16 channels.
  %stem_weight = nn.parameter "stem.weight" : tensor<16x3x3x3xf32>
  %stem = nn.conv2d %image, %stem_weight {padding = array<i64: 1, 1>} : tensor<?x3x32x32xf32>, tensor<16x3x3x3xf32>
  %stem_norm_weight = nn.parameter "stem_norm.weight" {init = 1.0 : f32} : tensor<16xf32>
  %stem_norm_bias = nn.parameter "stem_norm.bias" {init = 0.0 : f32} : tensor<16xf32>
  %stem_norm_running_mean = nn.parameter "stem_norm.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %stem_norm_running_var = nn.parameter "stem_norm.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %stem_norm = nn.batch_norm %stem, %stem_norm_weight, %stem_norm_bias, %stem_norm_running_mean, %stem_norm_running_var : tensor<?x16x32x32xf32>
  %stem_relu = nn.relu %stem_norm : tensor<?x16x32x32xf32>

  // A block adds to its input what two convolutions make of it.
  %block1_a_weight = nn.parameter "block1_a.weight" : tensor<16x16x3x3xf32>
  %block1_a = nn.conv2d %stem_relu, %block1_a_weight {padding = array<i64: 1, 1>} : tensor<?x16x32x32xf32>, tensor<16x16x3x3xf32>
  %block1_a_norm_weight = nn.parameter "block1_a_norm.weight" {init = 1.0 : f32} : tensor<16xf32>
  %block1_a_norm_bias = nn.parameter "block1_a_norm.bias" {init = 0.0 : f32} : tensor<16xf32>
  %block1_a_norm_running_mean = nn.parameter "block1_a_norm.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %block1_a_norm_running_var = nn.parameter "block1_a_norm.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %block1_a_norm = nn.batch_norm %block1_a, %block1_a_norm_weight, %block1_a_norm_bias, %block1_a_norm_running_mean, %block1_a_norm_running_var : tensor<?x16x32x32xf32>
  %block1_a_relu = nn.relu %block1_a_norm : tensor<?x16x32x32xf32>
  %block1_b_weight = nn.parameter "block1_b.weight" : tensor<16x16x3x3xf32>
  %block1_b = nn.conv2d %block1_a_relu, %block1_b_weight {padding = array<i64: 1, 1>} : tensor<?x16x32x32xf32>, tensor<16x16x3x3xf32>
  %block1_b_norm_weight = nn.parameter "block1_b_norm.weight" {init = 1.0 : f32} : tensor<16xf32>
  %block1_b_norm_bias = nn.parameter "block1_b_norm.bias" {init = 0.0 : f32} : tensor<16xf32>
  %block1_b_norm_running_mean = nn.parameter "block1_b_norm.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %block1_b_norm_running_var = nn.parameter "block1_b_norm.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %block1_b_norm = nn.batch_norm %block1_b, %block1_b_norm_weight, %block1_b_norm_bias, %block1_b_norm_running_mean, %block1_b_norm_running_var : tensor<?x16x32x32xf32>
  %block1_sum = nn.add %block1_b_norm, %stem_relu : tensor<?x16x32x32xf32>
  %block1 = nn.relu %block1_sum : tensor<?x16x32x32xf32>

  // This one halves the picture: its input goes through a 1x1 convolution of stride 2.
  %block2_a_weight = nn.parameter "block2_a.weight" : tensor<32x16x3x3xf32>
  %block2_a = nn.conv2d %block1, %block2_a_weight {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<?x16x32x32xf32>, tensor<32x16x3x3xf32>
  %block2_a_norm_weight = nn.parameter "block2_a_norm.weight" {init = 1.0 : f32} : tensor<32xf32>
  %block2_a_norm_bias = nn.parameter "block2_a_norm.bias" {init = 0.0 : f32} : tensor<32xf32>
  %block2_a_norm_running_mean = nn.parameter "block2_a_norm.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<32xf32>
  %block2_a_norm_running_var = nn.parameter "block2_a_norm.running_var" {role = "buffer", init = 1.0 : f32} : tensor<32xf32>
  %block2_a_norm = nn.batch_norm %block2_a, %block2_a_norm_weight, %block2_a_norm_bias, %block2_a_norm_running_mean, %block2_a_norm_running_var : tensor<?x32x16x16xf32>
  %block2_a_relu = nn.relu %block2_a_norm : tensor<?x32x16x16xf32>
  %block2_b_weight = nn.parameter "block2_b.weight" : tensor<32x32x3x3xf32>
  %block2_b = nn.conv2d %block2_a_relu, %block2_b_weight {padding = array<i64: 1, 1>} : tensor<?x32x16x16xf32>, tensor<32x32x3x3xf32>
  %block2_b_norm_weight = nn.parameter "block2_b_norm.weight" {init = 1.0 : f32} : tensor<32xf32>
  %block2_b_norm_bias = nn.parameter "block2_b_norm.bias" {init = 0.0 : f32} : tensor<32xf32>
  %block2_b_norm_running_mean = nn.parameter "block2_b_norm.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<32xf32>
  %block2_b_norm_running_var = nn.parameter "block2_b_norm.running_var" {role = "buffer", init = 1.0 : f32} : tensor<32xf32>
  %block2_b_norm = nn.batch_norm %block2_b, %block2_b_norm_weight, %block2_b_norm_bias, %block2_b_norm_running_mean, %block2_b_norm_running_var : tensor<?x32x16x16xf32>
  %block2_short_weight = nn.parameter "block2_short.weight" : tensor<32x16x1x1xf32>
  %block2_short = nn.conv2d %block1, %block2_short_weight {stride = array<i64: 2, 2>} : tensor<?x16x32x32xf32>, tensor<32x16x1x1xf32>
  %block2_short_norm_weight = nn.parameter "block2_short_norm.weight" {init = 1.0 : f32} : tensor<32xf32>
  %block2_short_norm_bias = nn.parameter "block2_short_norm.bias" {init = 0.0 : f32} : tensor<32xf32>
  %block2_short_norm_running_mean = nn.parameter "block2_short_norm.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<32xf32>
  %block2_short_norm_running_var = nn.parameter "block2_short_norm.running_var" {role = "buffer", init = 1.0 : f32} : tensor<32xf32>
  %block2_short_norm = nn.batch_norm %block2_short, %block2_short_norm_weight, %block2_short_norm_bias, %block2_short_norm_running_mean, %block2_short_norm_running_var : tensor<?x32x16x16xf32>
  %block2_sum = nn.add %block2_b_norm, %block2_short_norm : tensor<?x32x16x16xf32>
  %block2 = nn.relu %block2_sum : tensor<?x32x16x16xf32>

  // And once more: 16x16 -> 8x8.
  %block3_a_weight = nn.parameter "block3_a.weight" : tensor<64x32x3x3xf32>
  %block3_a = nn.conv2d %block2, %block3_a_weight {stride = array<i64: 2, 2>, padding = array<i64: 1, 1>} : tensor<?x32x16x16xf32>, tensor<64x32x3x3xf32>
  %block3_a_norm_weight = nn.parameter "block3_a_norm.weight" {init = 1.0 : f32} : tensor<64xf32>
  %block3_a_norm_bias = nn.parameter "block3_a_norm.bias" {init = 0.0 : f32} : tensor<64xf32>
  %block3_a_norm_running_mean = nn.parameter "block3_a_norm.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<64xf32>
  %block3_a_norm_running_var = nn.parameter "block3_a_norm.running_var" {role = "buffer", init = 1.0 : f32} : tensor<64xf32>
  %block3_a_norm = nn.batch_norm %block3_a, %block3_a_norm_weight, %block3_a_norm_bias, %block3_a_norm_running_mean, %block3_a_norm_running_var : tensor<?x64x8x8xf32>
  %block3_a_relu = nn.relu %block3_a_norm : tensor<?x64x8x8xf32>
  %block3_b_weight = nn.parameter "block3_b.weight" : tensor<64x64x3x3xf32>
  %block3_b = nn.conv2d %block3_a_relu, %block3_b_weight {padding = array<i64: 1, 1>} : tensor<?x64x8x8xf32>, tensor<64x64x3x3xf32>
  %block3_b_norm_weight = nn.parameter "block3_b_norm.weight" {init = 1.0 : f32} : tensor<64xf32>
  %block3_b_norm_bias = nn.parameter "block3_b_norm.bias" {init = 0.0 : f32} : tensor<64xf32>
  %block3_b_norm_running_mean = nn.parameter "block3_b_norm.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<64xf32>
  %block3_b_norm_running_var = nn.parameter "block3_b_norm.running_var" {role = "buffer", init = 1.0 : f32} : tensor<64xf32>
  %block3_b_norm = nn.batch_norm %block3_b, %block3_b_norm_weight, %block3_b_norm_bias, %block3_b_norm_running_mean, %block3_b_norm_running_var : tensor<?x64x8x8xf32>
  %block3_short_weight = nn.parameter "block3_short.weight" : tensor<64x32x1x1xf32>
  %block3_short = nn.conv2d %block2, %block3_short_weight {stride = array<i64: 2, 2>} : tensor<?x32x16x16xf32>, tensor<64x32x1x1xf32>
  %block3_short_norm_weight = nn.parameter "block3_short_norm.weight" {init = 1.0 : f32} : tensor<64xf32>
  %block3_short_norm_bias = nn.parameter "block3_short_norm.bias" {init = 0.0 : f32} : tensor<64xf32>
  %block3_short_norm_running_mean = nn.parameter "block3_short_norm.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<64xf32>
  %block3_short_norm_running_var = nn.parameter "block3_short_norm.running_var" {role = "buffer", init = 1.0 : f32} : tensor<64xf32>
  %block3_short_norm = nn.batch_norm %block3_short, %block3_short_norm_weight, %block3_short_norm_bias, %block3_short_norm_running_mean, %block3_short_norm_running_var : tensor<?x64x8x8xf32>
  %block3_sum = nn.add %block3_b_norm, %block3_short_norm : tensor<?x64x8x8xf32>
  %block3 = nn.relu %block3_sum : tensor<?x64x8x8xf32>

  // The head: the mean of each channel, then a score for each class.
  %pooled = nn.global_avg_pool %block3 : tensor<?x64x8x8xf32>
  %features = nn.flatten %pooled : tensor<?x64x1x1xf32>
  %head_weight = nn.parameter "head.weight" : tensor<10x64xf32>
  %head_bias = nn.parameter "head.bias" {init = 0.0 : f32} : tensor<10xf32>
  %scores = nn.linear %features, %head_weight bias %head_bias : tensor<?x64xf32>, tensor<10x64xf32>, tensor<10xf32>
  return %scores : tensor<?x10xf32>
}
