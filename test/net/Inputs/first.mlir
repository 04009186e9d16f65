// A small net for 28x28 grey images. Every shape stands in the text; the batch is "?".
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081], nn.preprocess = "digit"})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  // Eight 3x3 filters, stride 2: 28x28 -> 13x13.
  %w1 = nn.parameter "conv1.weight" : tensor<8x1x3x3xf32>
  %c1 = nn.conv2d %image, %w1 {stride = array<i64: 2, 2>} : tensor<?x1x28x28xf32>, tensor<8x1x3x3xf32>

  // Batch normalization: two trained vectors, two running statistics.
  %g1 = nn.parameter "norm1.weight" {init = 1.0 : f32} : tensor<8xf32>
  %b1 = nn.parameter "norm1.bias" {init = 0.0 : f32} : tensor<8xf32>
  %m1 = nn.parameter "norm1.running_mean" {role = "buffer", init = 0.0 : f32} : tensor<8xf32>
  %v1 = nn.parameter "norm1.running_var" {role = "buffer", init = 1.0 : f32} : tensor<8xf32>
  %n1 = nn.batch_norm %c1, %g1, %b1, %m1, %v1 : tensor<?x8x13x13xf32>
  %r1 = nn.relu %n1 : tensor<?x8x13x13xf32>

  // One filter per class, as large as what is left: 13x13 -> 1x1. No fully connected layer.
  %w2 = nn.parameter "head.weight" : tensor<10x8x13x13xf32>
  %c2 = nn.conv2d %r1, %w2 : tensor<?x8x13x13xf32>, tensor<10x8x13x13xf32>
  %f2 = nn.flatten %c2 : tensor<?x10x1x1xf32>
  %output = nn.log_softmax %f2 : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
