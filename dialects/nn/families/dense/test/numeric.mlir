// RUN: gradmill-numeric %s --batch=13 | FileCheck %s

// CHECK: ok linear:
func.func @linear(%x: tensor<?x7xf64>, %w: tensor<5x7xf64>, %b: tensor<5xf64>) -> tensor<?x5xf64> {
  %y = nn.linear %x, %w bias %b : tensor<?x7xf64>, tensor<5x7xf64>, tensor<5xf64>
  return %y : tensor<?x5xf64>
}
