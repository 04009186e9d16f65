// The mean of 12,544 equal pixels.
func.func @main(%image: tensor<?x4x112x112xf32> {nn.name = "image"}) -> (tensor<?x1xf32> {nn.name = "output"}) {
  %c = nn.clamp %image {max = 4.0, min = 0.999} : tensor<?x4x112x112xf32>
  %e = nn.parameter "p0" : tensor<f32>
  %p = nn.pow %c, %e : tensor<?x4x112x112xf32>, tensor<f32>
  %g = nn.global_avg_pool %p : tensor<?x4x112x112xf32>
  %f = nn.flatten %g : tensor<?x4x1x1xf32>
  %mean = nn.reduce_mean %f {axes = array<i64: 1>, keep_dims = true} : tensor<?x4xf32>
  return %mean : tensor<?x1xf32>
}
