// RUN: not gradmill-opt --build-loss --build-training-step %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=GRADIENT
// RUN: not gradmill-opt --build-loss=loss=hinge %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=LOSS
// RUN: not gradmill-opt --build-loss --build-training-step=optimizer=lion %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=OPTIMIZER
// RUN: not gradmill-opt --build-loss --build-training-step=optimizer=sgd:beta1=0.9 %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not gradmill-opt --build-loss --build-training-step=optimizer=sgd:momentum=1.5 %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not gradmill-opt --build-loss --build-training-step=optimizer=adam:eps=tiny %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not gradmill-opt --build-loss --build-training-step=optimizer=sgd:nesterov=true,momentum=0 %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=NESTEROV
// RUN: not gradmill-opt --build-loss --build-training-step=optimizer=sgd:nesterov=0.5 %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=HALF
// RUN: not gradmill-opt --build-loss --build-training-step=optimizer=adam:eps=1e-8,beta1=0.9,eps=1e-7 %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not gradmill-opt --build-loss --build-training-step=entry=forward %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=ENTRY

// One error for all ops in the way, each with its place.
// GRADIENT:     :[[#@LINE+19]]:8: error: [no_gradient] cannot train: 2 ops have no gradient: 'nn.relu_backward', 'nn.channel_affine'
// GRADIENT:     :[[#@LINE+18]]:8: note: 'nn.relu_backward' is here; its family must implement GradientInterface
// GRADIENT:     :[[#@LINE+20]]:8: note: 'nn.channel_affine' is here; its family must implement GradientInterface
// GRADIENT-NOT: error

// LOSS:      error: [unknown_loss] there is no loss "hinge"; there are: {{.*}}nll_loss
// OPTIMIZER: error: [unknown_optimizer] there is no optimizer "lion"; there are: sgd, adam, adamw
// OPTION:    error: [unknown_optimizer_option] sgd has no option "beta1"; it has: momentum, weight_decay, nesterov
// RANGE:     error: [optimizer_option] momentum is 1.5, expected 0{{[.0]*}} to 0.99999
// NUMBER:    error: [optimizer_option] eps is "tiny", expected a number
// NESTEROV:  error: [optimizer_option] nesterov needs a momentum above 0
// HALF:      error: [optimizer_option] nesterov is neither true nor false
// TWICE:     error: [optimizer_option] eps is given twice
// ENTRY:     error: [no_entry] the graph has no function @forward

func.func @main(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" : tensor<3x4xf32>
  %c = nn.parameter "c" : tensor<3xf32>
  %l = nn.linear %x, %w : tensor<?x4xf32>, tensor<3x4xf32>
  %a = nn.relu_backward %l, %l : tensor<?x3xf32>
  // Not in the way: nothing trainable goes in.
  %dead = nn.relu_backward %x, %x : tensor<?x4xf32>
  %b = nn.channel_affine %a, %c, %c : tensor<?x3xf32>, tensor<3xf32>, tensor<3xf32>
  %o = nn.log_softmax %b : tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}
