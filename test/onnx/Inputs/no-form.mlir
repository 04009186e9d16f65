// Losses as layers: there is no operator of ONNX for them.
func.func @main(%x: tensor<?x4xf32> {nn.name = "x"}, %y: tensor<?x4xf32> {nn.name = "y"}) -> tensor<?x4xf32> {
  %a = nn.relu %x : tensor<?x4xf32>



  %b = nn.huber %a, %y : tensor<?x4xf32>
  %c = nn.huber %b, %y : tensor<?x4xf32>
  %d = nn.bce_with_logits %c, %y : tensor<?x4xf32>
  return %d : tensor<?x4xf32>
}
