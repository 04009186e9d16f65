func.func @main(%x: tensor<?x4xf32> {nn.name = "x"}) -> (tensor<?x4xf32> {nn.name = "x"}) {
  %a = nn.relu %x : tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}
