// RUN: gradmill-opt %s --build-loss=optional --build-training-step -split-input-file -verify-diagnostics

// One value per channel has no variance: PyTorch raises an error, too.
func.func @main(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %g = nn.parameter "g" : tensor<3xf32>
  // expected-error @below {{[batch_norm_c5] in training the input is 'tensor<1x3xf32>', which is one value per channel; expected more: train with a larger --batch, or normalize where the image is larger}}
  %n = nn.batch_norm %x, %g, %g, %g, %g : tensor<1x3xf32>
  %y = nn.log_softmax %n : tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

// Two pixels are enough.
func.func @main(%x: tensor<1x3x1x2xf32>) -> tensor<1x3xf32> {
  %g = nn.parameter "g" : tensor<3xf32>
  %n = nn.batch_norm %x, %g, %g, %g, %g : tensor<1x3x1x2xf32>
  %p = nn.global_avg_pool %n : tensor<1x3x1x2xf32>
  %f = nn.flatten %p : tensor<1x3x1x1xf32>
  %y = nn.log_softmax %f : tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

// However it got there.
func.func @train_form(%x: tensor<1x3x1x1xf32>, %g: tensor<3xf32>) {
  // expected-error @below {{[batch_norm_c5] in training the input is 'tensor<1x3x1x1xf32>'}}
  %o, %m, %r, %nm, %nv = nn.batch_norm_train %x, %g, %g, %g, %g {eps = 1.0e-05 : f64, momentum = 0.1 : f64} : tensor<1x3x1x1xf32>
  return
}

// -----

func.func @stats(%x: tensor<1x3x1x1xf32>, %g: tensor<3xf32>) {
  // expected-error @below {{[batch_norm_c5] in training the input is 'tensor<1x3x1x1xf32>'}}
  %m, %r, %nm, %nv = nn.batch_stats %x, %g, %g {eps = 1.0e-05 : f64, momentum = 0.1 : f64} : tensor<1x3x1x1xf32>
  return
}
