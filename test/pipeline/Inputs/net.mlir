// A small net with every kind of kernel: a convolution that is followed by ReLU, batch norm
// and dropout, and a head. 1,484 parameters.
func.func @main(%image: tensor<?x1x8x8xf32> {nn.name = "image"}) -> (tensor<?x10xf32> {nn.name = "output"}) {
  %w1 = nn.parameter "conv1.weight" : tensor<4x1x3x3xf32>
  %g1 = nn.parameter "norm1.weight" {init = 1.0 : f32} : tensor<4xf32>
  %b1 = nn.parameter "norm1.bias" {init = 0.0 : f32} : tensor<4xf32>
  %m1 = nn.parameter "norm1.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<4xf32>
  %v1 = nn.parameter "norm1.running_var" {role = "buffer", init = 1.0 : f32} : tensor<4xf32>
  %c1 = nn.conv2d %image, %w1 : tensor<?x1x8x8xf32>, tensor<4x1x3x3xf32>
  %r1 = nn.relu %c1 : tensor<?x4x6x6xf32>
  %n1 = nn.batch_norm %r1, %g1, %b1, %m1, %v1 : tensor<?x4x6x6xf32>
  %d1 = nn.dropout %n1 {p = 0.1} : tensor<?x4x6x6xf32>
  %w2 = nn.parameter "head.weight" : tensor<10x4x6x6xf32>
  %c2 = nn.conv2d %d1, %w2 : tensor<?x4x6x6xf32>, tensor<10x4x6x6xf32>
  %f2 = nn.flatten %c2 : tensor<?x10x1x1xf32>
  %output = nn.log_softmax %f2 : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
