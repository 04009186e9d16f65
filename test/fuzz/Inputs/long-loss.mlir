// The loss is a mean of 12,544 equal numbers.
func.func @main(%image: tensor<?x4x56x56xf32> {nn.name = "image"}) -> (tensor<?x12544xf32> {nn.name = "output"}) {
  %w = nn.parameter "p0" : tensor<f32>
  %zero = nn.clamp %image {max = 0.0, min = 0.0} : tensor<?x4x56x56xf32>
  %equal = nn.mul %zero, %w : tensor<?x4x56x56xf32>, tensor<f32>
  %flat = nn.flatten %equal : tensor<?x4x56x56xf32>
  return %flat : tensor<?x12544xf32>
}
