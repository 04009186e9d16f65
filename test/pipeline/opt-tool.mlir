// gradmill-opt lists Gradmill's passes before MLIR's, and a raw graph is not lowered to nothing.

// RUN: gradmill-opt --help | FileCheck %s --check-prefix=HELP
// HELP: Gradmill's passes
// HELP: --lower-kernels
// HELP: MLIR's own, and all options

// RUN: not gradmill-opt --lower-kernels %s 2>&1 | FileCheck %s
// CHECK: error: [no_entry] no function is an entry (nn.entry), so there is nothing to lower; run --build-inference
func.func @main(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %y = nn.relu %x : tensor<8x4xf32>
  return %y : tensor<8x4xf32>
}
