// Three equal layers: their kernels are compiled once.
func.func @main(%image: tensor<?x3x8x8xf32> {nn.name = "image"}) -> (tensor<?x4xf32> {nn.name = "output"}) {
  %w0 = nn.parameter "conv0.weight" : tensor<8x3x3x3xf32>
  %0 = nn.conv2d %image, %w0 {padding = array<i64: 1, 1>} : tensor<?x3x8x8xf32>, tensor<8x3x3x3xf32>
  %r0 = nn.relu %0 : tensor<?x8x8x8xf32>
  %w1 = nn.parameter "conv1.weight" : tensor<8x8x3x3xf32>
  %1 = nn.conv2d %r0, %w1 {padding = array<i64: 1, 1>} : tensor<?x8x8x8xf32>, tensor<8x8x3x3xf32>
  %g1 = nn.parameter "norm1.weight" {init = 1.0 : f32} : tensor<8xf32>
  %b1 = nn.parameter "norm1.bias" {init = 0.0 : f32} : tensor<8xf32>
  %m1 = nn.parameter "norm1.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<8xf32>
  %v1 = nn.parameter "norm1.running_var" {role = "buffer", init = 1.0 : f32} : tensor<8xf32>
  %n1 = nn.batch_norm %1, %g1, %b1, %m1, %v1 : tensor<?x8x8x8xf32>
  %r1 = nn.relu %n1 : tensor<?x8x8x8xf32>
  %w2 = nn.parameter "conv2.weight" : tensor<8x8x3x3xf32>
  %2 = nn.conv2d %r1, %w2 {padding = array<i64: 1, 1>} : tensor<?x8x8x8xf32>, tensor<8x8x3x3xf32>
  %g2 = nn.parameter "norm2.weight" {init = 1.0 : f32} : tensor<8xf32>
  %b2 = nn.parameter "norm2.bias" {init = 0.0 : f32} : tensor<8xf32>
  %m2 = nn.parameter "norm2.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<8xf32>
  %v2 = nn.parameter "norm2.running_var" {role = "buffer", init = 1.0 : f32} : tensor<8xf32>
  %n2 = nn.batch_norm %2, %g2, %b2, %m2, %v2 : tensor<?x8x8x8xf32>
  %r2 = nn.relu %n2 : tensor<?x8x8x8xf32>
  %w3 = nn.parameter "conv3.weight" : tensor<8x8x3x3xf32>
  %3 = nn.conv2d %r2, %w3 {padding = array<i64: 1, 1>} : tensor<?x8x8x8xf32>, tensor<8x8x3x3xf32>
  %g3 = nn.parameter "norm3.weight" {init = 1.0 : f32} : tensor<8xf32>
  %b3 = nn.parameter "norm3.bias" {init = 0.0 : f32} : tensor<8xf32>
  %m3 = nn.parameter "norm3.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<8xf32>
  %v3 = nn.parameter "norm3.running_var" {role = "buffer", init = 1.0 : f32} : tensor<8xf32>
  %n3 = nn.batch_norm %3, %g3, %b3, %m3, %v3 : tensor<?x8x8x8xf32>
  %r3 = nn.relu %n3 : tensor<?x8x8x8xf32>
  %p = nn.global_avg_pool %r3 : tensor<?x8x8x8xf32>
  %hw = nn.parameter "head.weight" : tensor<4x8x1x1xf32>
  %h = nn.conv2d %p, %hw : tensor<?x8x1x1xf32>, tensor<4x8x1x1xf32>
  %f = nn.flatten %h : tensor<?x4x1x1xf32>
  %o = nn.log_softmax %f : tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
