// A convolution whose schedule is told to count on 64 registers, and one that is not.
func.func @main(%x: tensor<?x3x12x12xf32> {nn.name = "image"}) -> tensor<?x10xf32> {
  %w1 = nn.parameter "first.weight" : tensor<16x3x3x3xf32>
  %w2 = nn.parameter "second.weight" : tensor<10x16x3x3xf32>
  %1 = nn.conv2d %x, %w1 {nn.registers = 64 : i64} : tensor<?x3x12x12xf32>, tensor<16x3x3x3xf32>
  %2 = nn.relu %1 : tensor<?x16x10x10xf32>
  %3 = nn.conv2d %2, %w2 : tensor<?x16x10x10xf32>, tensor<10x16x3x3xf32>
  %4 = nn.global_avg_pool %3 : tensor<?x10x8x8xf32>
  %5 = nn.flatten %4 : tensor<?x10x1x1xf32>
  %6 = nn.log_softmax %5 : tensor<?x10xf32>
  return %6 : tensor<?x10xf32>
}
