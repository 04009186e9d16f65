// A small net for drawn digits, with every kind of state: parameters, running statistics,
// optimizer state, and dropout's random stream. 28x28 -> 13x13 -> 6x6 -> classes.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081], nn.preprocess = "digit"})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  %w1 = nn.parameter "conv1.weight" : tensor<8x1x3x3xf32>
  %g1 = nn.parameter "norm1.weight" {init = 1.0 : f32} : tensor<8xf32>
  %b1 = nn.parameter "norm1.bias" {init = 0.0 : f32} : tensor<8xf32>
  %m1 = nn.parameter "norm1.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<8xf32>
  %v1 = nn.parameter "norm1.running_var" {role = "buffer", init = 1.0 : f32} : tensor<8xf32>
  %c1 = nn.conv2d %image, %w1 {stride = array<i64: 2, 2>} : tensor<?x1x28x28xf32>, tensor<8x1x3x3xf32>
  %r1 = nn.relu %c1 : tensor<?x8x13x13xf32>
  %n1 = nn.batch_norm %r1, %g1, %b1, %m1, %v1 : tensor<?x8x13x13xf32>
  %d1 = nn.dropout %n1 {p = 0.1} : tensor<?x8x13x13xf32>
  %p1 = nn.max_pool2d %d1 {kernel = array<i64: 2, 2>} : tensor<?x8x13x13xf32>
  %f = nn.flatten %p1 : tensor<?x8x6x6xf32>
  %w2 = nn.parameter "head.weight" : tensor<10x288xf32>
  %b2 = nn.parameter "head.bias" {init = 0.0 : f32} : tensor<10xf32>
  %l = nn.linear %f, %w2 bias %b2 : tensor<?x288xf32>, tensor<10x288xf32>, tensor<10xf32>
  %output = nn.log_softmax %l : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
