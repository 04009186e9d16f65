// RUN: gradmill-opt --build-loss --build-training-step %s -split-input-file -verify-diagnostics

func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // expected-note @below {{first read here}}
  %a = nn.parameter "w" : tensor<4x4xf32>
  // expected-error @below {{[parameter_twice] "w" is read with another type, role or init than before}}
  %b = nn.parameter "w" {init = 0.0 : f32} : tensor<4x4xf32>
  %y = nn.linear %x, %a : tensor<?x4xf32>, tensor<4x4xf32>
  %z = nn.linear %y, %b : tensor<?x4xf32>, tensor<4x4xf32>
  %o = nn.log_softmax %z : tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----

func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c = nn.constant dense<1.0> : tensor<4xf32>
  // expected-error @below {{[running_state] a running statistic must be an nn.parameter}}
  %y = nn.batch_norm %x, %c, %c, %c, %c : tensor<?x4xf32>
  %o = nn.log_softmax %y : tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----

func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = nn.parameter "w" : tensor<4x4xf32>
  // expected-error @below {{[parameter_name] "w/velocity" is what the optimizer calls its state of "w"; rename the parameter}}
  %v = nn.parameter "w/velocity" : tensor<4x4xf32>
  %y = nn.linear %x, %w : tensor<?x4xf32>, tensor<4x4xf32>
  %z = nn.linear %y, %v : tensor<?x4xf32>, tensor<4x4xf32>
  %o = nn.log_softmax %z : tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
