// Two inputs, two outputs: what kind of a house it is, and its price.
func.func @main(%size: tensor<?x3xf32> {nn.name = "size"}, %place: tensor<?x2xf32> {nn.name = "place"})
    -> (tensor<?x3xf32> {nn.name = "kind"}, tensor<?x1xf32> {nn.name = "price"}) {
  %w1 = nn.parameter "size.weight" : tensor<8x3xf32>
  %w2 = nn.parameter "place.weight" : tensor<8x2xf32>
  %a = nn.linear %size, %w1 : tensor<?x3xf32>, tensor<8x3xf32>
  %b = nn.linear %place, %w2 : tensor<?x2xf32>, tensor<8x2xf32>
  %s = nn.add %a, %b : tensor<?x8xf32>
  %h = nn.relu %s : tensor<?x8xf32>
  %wk = nn.parameter "kind.weight" : tensor<3x8xf32>
  %wp = nn.parameter "price.weight" : tensor<1x8xf32>
  %kind = nn.linear %h, %wk : tensor<?x8xf32>, tensor<3x8xf32>
  %price = nn.linear %h, %wp : tensor<?x8xf32>, tensor<1x8xf32>
  return %kind, %price : tensor<?x3xf32>, tensor<?x1xf32>
}
