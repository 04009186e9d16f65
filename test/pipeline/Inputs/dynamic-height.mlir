func.func @main(%x: tensor<?x3x?x4xf32>) -> tensor<?x3x?x4xf32> {
  %y = nn.relu %x : tensor<?x3x?x4xf32>
  return %y : tensor<?x3x?x4xf32>
}
