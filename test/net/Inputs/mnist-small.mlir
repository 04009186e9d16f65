// A smaller net of the same kind: 9,164 parameters, no dropout. Every block is
// conv -> ReLU -> batch norm, but for the two bare 1x1 convolutions.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081], nn.preprocess = "digit"})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  %w1 = nn.parameter "conv1.weight" : tensor<12x1x3x3xf32>
  %g1 = nn.parameter "norm1.weight" {init = 1.0 : f32} : tensor<12xf32>
  %b1 = nn.parameter "norm1.bias" {init = 0.0 : f32} : tensor<12xf32>
  %m1 = nn.parameter "norm1.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<12xf32>
  %v1 = nn.parameter "norm1.running_var" {role = "buffer", init = 1.0 : f32} : tensor<12xf32>
  %c1 = nn.conv2d %image, %w1 : tensor<?x1x28x28xf32>, tensor<12x1x3x3xf32>
  %r1 = nn.relu %c1 : tensor<?x12x26x26xf32>
  %n1 = nn.batch_norm %r1, %g1, %b1, %m1, %v1 : tensor<?x12x26x26xf32>

  %w2 = nn.parameter "conv2.weight" : tensor<20x12x3x3xf32>
  %g2 = nn.parameter "norm2.weight" {init = 1.0 : f32} : tensor<20xf32>
  %b2 = nn.parameter "norm2.bias" {init = 0.0 : f32} : tensor<20xf32>
  %m2 = nn.parameter "norm2.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<20xf32>
  %v2 = nn.parameter "norm2.running_var" {role = "buffer", init = 1.0 : f32} : tensor<20xf32>
  %c2 = nn.conv2d %n1, %w2 : tensor<?x12x26x26xf32>, tensor<20x12x3x3xf32>
  %r2 = nn.relu %c2 : tensor<?x20x24x24xf32>
  %n2 = nn.batch_norm %r2, %g2, %b2, %m2, %v2 : tensor<?x20x24x24xf32>

  %w3 = nn.parameter "transition.weight" : tensor<12x20x1x1xf32>
  %c3 = nn.conv2d %n2, %w3 : tensor<?x20x24x24xf32>, tensor<12x20x1x1xf32>
  %p3 = nn.max_pool2d %c3 {kernel = array<i64: 2, 2>} : tensor<?x12x24x24xf32>

  %w4 = nn.parameter "conv4.weight" : tensor<16x12x3x3xf32>
  %g4 = nn.parameter "norm4.weight" {init = 1.0 : f32} : tensor<16xf32>
  %b4 = nn.parameter "norm4.bias" {init = 0.0 : f32} : tensor<16xf32>
  %m4 = nn.parameter "norm4.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %v4 = nn.parameter "norm4.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %c4 = nn.conv2d %p3, %w4 : tensor<?x12x12x12xf32>, tensor<16x12x3x3xf32>
  %r4 = nn.relu %c4 : tensor<?x16x10x10xf32>
  %n4 = nn.batch_norm %r4, %g4, %b4, %m4, %v4 : tensor<?x16x10x10xf32>

  %w5 = nn.parameter "conv5.weight" : tensor<16x16x3x3xf32>
  %g5 = nn.parameter "norm5.weight" {init = 1.0 : f32} : tensor<16xf32>
  %b5 = nn.parameter "norm5.bias" {init = 0.0 : f32} : tensor<16xf32>
  %m5 = nn.parameter "norm5.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %v5 = nn.parameter "norm5.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %c5 = nn.conv2d %n4, %w5 : tensor<?x16x10x10xf32>, tensor<16x16x3x3xf32>
  %r5 = nn.relu %c5 : tensor<?x16x8x8xf32>
  %n5 = nn.batch_norm %r5, %g5, %b5, %m5, %v5 : tensor<?x16x8x8xf32>

  %w6 = nn.parameter "conv6.weight" : tensor<16x16x3x3xf32>
  %g6 = nn.parameter "norm6.weight" {init = 1.0 : f32} : tensor<16xf32>
  %b6 = nn.parameter "norm6.bias" {init = 0.0 : f32} : tensor<16xf32>
  %m6 = nn.parameter "norm6.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<16xf32>
  %v6 = nn.parameter "norm6.running_var" {role = "buffer", init = 1.0 : f32} : tensor<16xf32>
  %c6 = nn.conv2d %n5, %w6 : tensor<?x16x8x8xf32>, tensor<16x16x3x3xf32>
  %r6 = nn.relu %c6 : tensor<?x16x6x6xf32>
  %n6 = nn.batch_norm %r6, %g6, %b6, %m6, %v6 : tensor<?x16x6x6xf32>

  %a7 = nn.global_avg_pool %n6 : tensor<?x16x6x6xf32>
  %w7 = nn.parameter "head.weight" : tensor<10x16x1x1xf32>
  %c7 = nn.conv2d %a7, %w7 : tensor<?x16x1x1xf32>, tensor<10x16x1x1xf32>
  %f7 = nn.flatten %c7 : tensor<?x10x1x1xf32>
  %output = nn.log_softmax %f7 : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
