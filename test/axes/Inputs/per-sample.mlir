// y = size * (w . where) + bias: a number for each sample, in and out.
func.func @main(%size: tensor<?xf32> {nn.name = "size", nn.mean = [1.0], nn.std = [2.0]},
                %where: tensor<?x3xf32> {nn.name = "where"}) -> (tensor<?xf32> {nn.name = "price"}) {
  %w = nn.parameter "w" : tensor<1x3xf32>
  %bias = nn.parameter "bias" {init = 0.0 : f32} : tensor<f32>
  %0 = nn.linear %where, %w : tensor<?x3xf32>, tensor<1x3xf32>
  %1 = nn.reduce_sum %0 {axes = array<i64: 1>} : tensor<?x1xf32>
  %2 = nn.mul %1, %size : tensor<?xf32>, tensor<?xf32>
  %3 = nn.add %2, %bias : tensor<?xf32>, tensor<f32>
  return %3 : tensor<?xf32>
}

func.func @loss(%price: tensor<?xf32> {nn.name = "price"}, %target: tensor<?xf32> {nn.name = "target"})
    -> (tensor<f32> {nn.name = "loss"}) {
  %e = nn.squared_error %price, %target : tensor<?xf32>
  %loss = nn.mean %e : tensor<?xf32>
  return %loss : tensor<f32>
}
