// The mean of copies is compared with what was copied: rounding breaks each tie, and
// all of them to the same side.
module {
  func.func @main(%arg0: tensor<?x2x1x1xf32> {nn.name = "image"}) -> (tensor<?x2xf32> {nn.name = "output"}) {
    %0 = nn.resize2d %arg0 {size = array<i64: 4, 4>} : tensor<?x2x1x1xf32>
    %1 = nn.global_avg_pool %0 : tensor<?x2x4x4xf32>
    %2 = nn.compare %1, %arg0 {predicate = "le"} : tensor<?x2x1x1xf32>
    %3 = nn.parameter "p0" : tensor<2x1x1xf32>
    %4 = nn.where %2, %1, %3 : tensor<?x2x1x1xf32>, tensor<?x2x1x1xf32>, tensor<2x1x1xf32>
    %5 = nn.flatten %4 : tensor<?x2x1x1xf32>
    return %5 : tensor<?x2xf32>
  }
}
