// To put behind digits.mlir.
func.func @loss(%output: tensor<?x10xf32> {nn.name = "output"}, %label: tensor<?xi32> {nn.name = "label", nn.classes = 10 : i64})
    -> (tensor<f32> {nn.name = "loss"}) {
  %loss = nn.nll_loss %output, %label : tensor<?x10xf32>, tensor<?xi32>
  return %loss : tensor<f32>
}
