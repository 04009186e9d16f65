// What may not exist after a stage is reported there, with its name, and not by LLVM.
// RUN: gradmill-opt %s --split-input-file --verify-diagnostics --check-stage-train

func.func @helper(%x: tensor<128x4xf32>) -> tensor<128x4xf32> {
  return %x : tensor<128x4xf32>
}
func.func @main(%x: tensor<128x4xf32>) -> tensor<128x4xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[stage_train] 'func.call' is left over after the stage "train"}}
  %y = func.call @helper(%x) : (tensor<128x4xf32>) -> tensor<128x4xf32>
  return %y : tensor<128x4xf32>
}
