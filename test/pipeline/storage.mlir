// RUN: gradmill-opt %s | gradmill-opt | FileCheck %s

// What memory holds is part of the layout; the element type is what is computed on.
// CHECK: func.func @stored(%{{.*}}: tensor<2x8x2x2xf32, #nn.lanes<2, bf16>>, %{{.*}}: tensor<2x8x2x2xf32, #nn.channels<8, bf16>>, %{{.*}}: tensor<8xf32, #nn.stored<bf16>>)
func.func @stored(%x: tensor<2x8x2x2xf32, #nn.lanes<2, bf16>>, %y: tensor<2x8x2x2xf32, #nn.channels<8, bf16>>, %w: tensor<8xf32, #nn.stored<bf16>>) {
  return
}
