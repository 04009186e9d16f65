// The mean inside of the second norm rounds, and its operands are all equal.
func.func @main(%image: tensor<?x32x11x6xf64> {nn.name = "image"}) -> (tensor<?x1xf64> {nn.name = "output"}) {
  %scores = nn.softmax %image {axis = 2 : i64} : tensor<?x32x11x6xf64>
  %clamped = nn.clamp %scores {min = 0.9} : tensor<?x32x11x6xf64>
  %log = nn.log %clamped : tensor<?x32x11x6xf64>
  %norm = nn.normalize %log {axes = array<i64: 1, 2>} : tensor<?x32x11x6xf64>
  %flat = nn.flatten %norm : tensor<?x32x11x6xf64>
  %mean = nn.reduce_mean %flat {axes = array<i64: 1>, keep_dims = true} : tensor<?x2112xf64>
  return %mean : tensor<?x1xf64>
}
