// LeNet-5 (LeCun, Bottou, Bengio and Haffner, 1998) as it is usually written today:
// ReLU, maximum pooling, biases, all 16 maps see all 6. No normalization.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081]})
    -> (tensor<?x10xf32> {nn.name = "output"}) {
  %w1 = nn.parameter "conv1.weight" : tensor<6x1x5x5xf32>
  %b1 = nn.parameter "conv1.bias" {init = 0.0 : f32} : tensor<6xf32>
  %c1 = nn.conv2d %image, %w1 bias %b1 {padding = array<i64: 2, 2>} : tensor<?x1x28x28xf32>, tensor<6x1x5x5xf32>, tensor<6xf32>
  %r1 = nn.relu %c1 : tensor<?x6x28x28xf32>
  %p1 = nn.max_pool2d %r1 {kernel = array<i64: 2, 2>} : tensor<?x6x28x28xf32>

  %w2 = nn.parameter "conv2.weight" : tensor<16x6x5x5xf32>
  %b2 = nn.parameter "conv2.bias" {init = 0.0 : f32} : tensor<16xf32>
  %c2 = nn.conv2d %p1, %w2 bias %b2 : tensor<?x6x14x14xf32>, tensor<16x6x5x5xf32>, tensor<16xf32>
  %r2 = nn.relu %c2 : tensor<?x16x10x10xf32>
  %p2 = nn.max_pool2d %r2 {kernel = array<i64: 2, 2>} : tensor<?x16x10x10xf32>

  %f = nn.flatten %p2 : tensor<?x16x5x5xf32>
  %w3 = nn.parameter "fc1.weight" : tensor<120x400xf32>
  %b3 = nn.parameter "fc1.bias" {init = 0.0 : f32} : tensor<120xf32>
  %l3 = nn.linear %f, %w3 bias %b3 : tensor<?x400xf32>, tensor<120x400xf32>, tensor<120xf32>
  %r3 = nn.relu %l3 : tensor<?x120xf32>
  %w4 = nn.parameter "fc2.weight" : tensor<84x120xf32>
  %b4 = nn.parameter "fc2.bias" {init = 0.0 : f32} : tensor<84xf32>
  %l4 = nn.linear %r3, %w4 bias %b4 : tensor<?x120xf32>, tensor<84x120xf32>, tensor<84xf32>
  %r4 = nn.relu %l4 : tensor<?x84xf32>
  %w5 = nn.parameter "fc3.weight" : tensor<10x84xf32>
  %b5 = nn.parameter "fc3.bias" {init = 0.0 : f32} : tensor<10xf32>
  %l5 = nn.linear %r4, %w5 bias %b5 : tensor<?x84xf32>, tensor<10x84xf32>, tensor<10xf32>
  %output = nn.log_softmax %l5 : tensor<?x10xf32>
  return %output : tensor<?x10xf32>
}
