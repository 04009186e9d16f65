// Two inputs, two outputs, a norm and dropout; the last feature map has a name, and so has what each output shares.
func.func @main(%image: tensor<?x2x8x8xf32> {nn.name = "image"}, %extra: tensor<?x3xf32> {nn.name = "extra"})
    -> (tensor<?x4xf32> {nn.name = "kind"}, tensor<?x1xf32> {nn.name = "size"}) {
  %w = nn.parameter "conv.weight" : tensor<5x2x3x3xf32>
  %c = nn.conv2d %image, %w {padding = array<i64: 1, 1>} : tensor<?x2x8x8xf32>, tensor<5x2x3x3xf32>
  %g = nn.parameter "norm.weight" {init = 1.5 : f32} : tensor<5xf32>
  %b = nn.parameter "norm.bias" {init = 0.25 : f32} : tensor<5xf32>
  %m = nn.parameter "norm.running_mean" {role = "buffer", init = 0.1 : f32} : tensor<5xf32>
  %v = nn.parameter "norm.running_var" {role = "buffer", init = 2.0 : f32} : tensor<5xf32>
  %n = nn.batch_norm %c, %g, %b, %m, %v {nn.name = "features"} : tensor<?x5x8x8xf32>
  %r = nn.relu %n : tensor<?x5x8x8xf32>
  %d = nn.dropout %r {p = 0.5, nn.name = "dropped"} : tensor<?x5x8x8xf32>
  %a = nn.global_avg_pool %d : tensor<?x5x8x8xf32>
  %p = nn.flatten %a : tensor<?x5x1x1xf32>
  %we = nn.parameter "extra.weight" : tensor<5x3xf32>
  %e = nn.linear %extra, %we : tensor<?x3xf32>, tensor<5x3xf32>
  %s = nn.add %p, %e : tensor<?x5xf32>
  %wk = nn.parameter "kind.weight" : tensor<4x5xf32>
  %ws = nn.parameter "size.weight" : tensor<1x5xf32>
  %unused = nn.parameter "unused" : tensor<4x5xf32>
  %k = nn.linear %s, %wk : tensor<?x5xf32>, tensor<4x5xf32>
  %kind = nn.log_softmax %k : tensor<?x4xf32>
  %size = nn.linear %s, %ws : tensor<?x5xf32>, tensor<1x5xf32>
  return %kind, %size : tensor<?x4xf32>, tensor<?x1xf32>
}
