// RUN: gradmill-numeric %s --batch=16 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 | FileCheck %s

// Whole vectors, and a single image; one class; single precision.
// CHECK: ok single_precision:
func.func @single_precision(%x: tensor<?x33xf32>, %labels: tensor<?xi32> {nn.max = 33}) -> tensor<f32> {
  %y = nn.log_softmax %x : tensor<?x33xf32>
  %loss = nn.nll_loss %y, %labels : tensor<?x33xf32>, tensor<?xi32>
  return %loss : tensor<f32>
}

// CHECK: ok one_class:
func.func @one_class(%x: tensor<?x1xf64>) -> tensor<?x1xf64> {
  %y = nn.softmax %x : tensor<?x1xf64>
  return %y : tensor<?x1xf64>
}
