// RUN: gradmill-numeric %s --batch=13 | FileCheck %s
// RUN: gradmill-numeric %s --batch=1 --no-gradient | FileCheck %s

// CHECK: ok last:
func.func @last(%x: tensor<?x5x3x7xf64>) -> tensor<?x5x3x7xf64> {
  %y = nn.softmax %x {axis = -1} : tensor<?x5x3x7xf64>
  return %y : tensor<?x5x3x7xf64>
}

// CHECK: ok middle:
func.func @middle(%x: tensor<?x6x3x4xf32>) -> tensor<?x6x3x4xf32> {
  %y = nn.log_softmax %x {axis = 2} : tensor<?x6x3x4xf32>
  return %y : tensor<?x6x3x4xf32>
}

// CHECK: ok sequence:
func.func @sequence(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %y = nn.log_softmax %x {axis = 2} : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}

// CHECK: ok channels:
func.func @channels(%x: tensor<?x5x3xf64>) -> tensor<?x5x3xf64> {
  %y = nn.softmax %x {axis = -2} : tensor<?x5x3xf64>
  return %y : tensor<?x5x3xf64>
}
