// A loss says what it takes, and ops say what they give: a loss on something else has no lower
// bound, or learns nothing, and is an error that says what to change.
// RUN: split-file %s %t
// RUN: not gradmill-opt --build-loss=loss=nll_loss %t/logits.mlir -o /dev/null 2>&1 | FileCheck %s --check-prefix=LOGITS
// RUN: not gradmill-opt --build-loss=loss=nll_loss %t/softmax.mlir -o /dev/null 2>&1 | FileCheck %s --check-prefix=SOFTMAX
// RUN: not gradmill-opt --build-loss=loss=cross_entropy %t/softmax.mlir -o /dev/null 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not gradmill-opt --build-loss=loss=nll_loss %t/argument.mlir -o /dev/null 2>&1 | FileCheck %s --check-prefix=ARGUMENT
// RUN: not gradmill-opt --build-loss=loss=nll_loss %t/pixels.mlir -o /dev/null 2>&1 | FileCheck %s --check-prefix=PIXELS

// LOGITS: logits.mlir:3:8: error: [loss_input] the loss nll_loss takes log-probabilities, but the graph's output is scores (of 'nn.linear'); end the graph in nn.log_softmax, or use --loss cross_entropy, or use --loss bce_with_logits; --unchecked-loss trains it as it is
// SOFTMAX: softmax.mlir:2:8: error: [loss_input] the loss nll_loss takes log-probabilities, but the graph's output is probabilities (of 'nn.softmax'); end the graph in nn.log_softmax; --unchecked-loss
// TWICE: error: [loss_input] the loss cross_entropy takes scores or log-probabilities, but the graph's output is probabilities (of 'nn.softmax'); leave out nn.softmax: the loss has its own; --unchecked-loss
// ARGUMENT: error: [loss_input] the loss nll_loss takes log-probabilities, but the graph's output is scores; end
// PIXELS: error: [loss_input] the loss nll_loss takes log-probabilities, but the graph's output is scores (of 'nn.flatten'); end

// What fits, and what one insists on.
// RUN: gradmill-opt --build-loss=loss=cross_entropy --build-training-step %t/logits.mlir | FileCheck %s --check-prefix=STEP
// RUN: gradmill-opt --build-loss=loss=cross_entropy --build-training-step %t/log-softmax.mlir | FileCheck %s --check-prefix=STEP
// RUN: gradmill-opt --build-loss --build-training-step %t/log-softmax.mlir | FileCheck %s --check-prefix=STEP
// RUN: gradmill-opt --build-loss --build-training-step %t/flat.mlir | FileCheck %s --check-prefix=STEP
// RUN: gradmill-opt --build-loss="loss=nll_loss unchecked-loss=true" --build-training-step %t/softmax.mlir | FileCheck %s --check-prefix=STEP
// STEP: func.func @train

// Inference says what it hands out: what the graph ends in, whatever the loss makes of it, or what one insists on.
// RUN: gradmill-opt --build-inference %t/logits.mlir | FileCheck %s --check-prefix=SAYS-SCORES
// RUN: gradmill-opt --build-inference %t/softmax.mlir | FileCheck %s --check-prefix=SAYS-PROBABILITIES
// RUN: gradmill-opt --build-loss=loss=cross_entropy --build-inference %t/logits.mlir | FileCheck %s --check-prefix=SAYS-SCORES
// RUN: gradmill-opt --build-loss="loss=nll_loss unchecked-loss=true" --build-inference %t/logits.mlir | FileCheck %s --check-prefix=SAYS-LOG
// SAYS-SCORES: func.func @infer{{.*}} {nn.meaning = "scores", nn.name = "output", nn.port = "prediction"}
// SAYS-PROBABILITIES: func.func @infer{{.*}} {nn.meaning = "probabilities"
// SAYS-LOG: func.func @infer{{.*}} {nn.meaning = "log-probabilities"

//--- logits.mlir
func.func @main(%x: tensor<8x4xf32>) -> tensor<8x3xf32> {
  %w = nn.parameter "w" : tensor<3x4xf32>
  %l = nn.linear %x, %w : tensor<8x4xf32>, tensor<3x4xf32>
  return %l : tensor<8x3xf32>
}
//--- softmax.mlir
func.func @main(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %s = nn.softmax %x : tensor<8x4xf32>
  return %s : tensor<8x4xf32>
}
//--- log-softmax.mlir
func.func @main(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %s = nn.log_softmax %x : tensor<8x4xf32>
  return %s : tensor<8x4xf32>
}
//--- argument.mlir
func.func @main(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  return %x : tensor<8x4xf32>
}
//--- flat.mlir
// One pixel: its row of channels is still one.
func.func @main(%x: tensor<8x4x1x1xf32>) -> tensor<8x4xf32> {
  %s = nn.log_softmax %x : tensor<8x4x1x1xf32>
  %f = nn.flatten %s : tensor<8x4x1x1xf32>
  return %f : tensor<8x4xf32>
}
//--- pixels.mlir
// Several pixels: the sum of a row is their number.
func.func @main(%x: tensor<8x4x2x1xf32>) -> tensor<8x8xf32> {
  %s = nn.log_softmax %x : tensor<8x4x2x1xf32>
  %f = nn.flatten %s : tensor<8x4x2x1xf32>
  return %f : tensor<8x8xf32>
}
