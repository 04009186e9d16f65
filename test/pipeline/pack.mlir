// RUN: gradmill-opt --assign-layouts --lower-kernels --canonicalize %s | FileCheck %s

// Between dense and lanes, channel by channel: the dense side is walked through as it lies.
// CHECK-LABEL: func.func @image(
// CHECK:       scf.forall
// CHECK:         scf.for %[[B:.*]] =
// CHECK:           scf.for %[[C:.*]] = %c0 to %c3
// CHECK:             scf.for %[[H:.*]] = %c0 to %c5
// CHECK:               scf.for %[[W:.*]] = %c0 to %c7
// CHECK-COUNT-8:         memref.load %{{.*}}[%{{.*}}, %[[C]], %[[H]], %[[W]]] : memref<16x3x5x7xf32>
// CHECK:                 vector.from_elements
// CHECK:                 memref.store %{{.*}}[%[[B]], %[[H]], %[[W]], %[[C]]] : memref<2x5x7x3xvector<8xf32>>
// CHECK:       scf.forall
// CHECK:       scf.for %[[C2:.*]] = %c0 to %c3
// CHECK:         scf.for %[[H2:.*]] = %c0 to %c5
// CHECK:           scf.for %[[W2:.*]] = %c0 to %c7
// CHECK:             memref.load %{{.*}}[%{{.*}}, %[[H2]], %[[W2]], %[[C2]]]
// CHECK-COUNT-8:     memref.store %{{.*}}[%{{.*}}, %[[C2]], %[[H2]], %[[W2]]] : memref<16x3x5x7xf32>
func.func @image(%x: tensor<16x3x5x7xf32>) -> tensor<16x3x5x7xf32> attributes {nn.entry = "infer"} {
  %l = nn.pack %x : tensor<16x3x5x7xf32> -> tensor<16x3x5x7xf32, #nn.lanes<8>>
  %y = nn.unpack %l : tensor<16x3x5x7xf32, #nn.lanes<8>> -> tensor<16x3x5x7xf32>
  return %y : tensor<16x3x5x7xf32>
}

// Between lanes and channels: 8 channels of 8 images at a time, transposed in registers.
// CHECK-LABEL: func.func @relayout(
// CHECK:       scf.forall
// CHECK-COUNT-8: memref.load %{{.*}} : memref<2x5x7x19xvector<8xf32>>
// CHECK-COUNT-24: vector.shuffle
// CHECK-COUNT-8: vector.store %{{.*}} : memref<16x5x7x24xf32>, vector<8xf32>
// The last 3 channels, and zeros.
// CHECK-COUNT-3: memref.load %{{.*}} : memref<2x5x7x19xvector<8xf32>>
// CHECK-NOT:   memref.load
// CHECK-COUNT-8: vector.store
// CHECK:       scf.forall
// CHECK-COUNT-8: vector.load %{{.*}} : memref<16x5x7x24xf32>, vector<8xf32>
// CHECK-COUNT-24: vector.shuffle
// CHECK-COUNT-8: memref.store %{{.*}} : memref<2x5x7x19xvector<8xf32>>
func.func @relayout(%x: tensor<16x19x5x7xf32>) -> tensor<16x19x5x7xf32> attributes {nn.entry = "infer"} {
  %l = nn.pack %x : tensor<16x19x5x7xf32> -> tensor<16x19x5x7xf32, #nn.lanes<8>>
  %c = nn.pack %l : tensor<16x19x5x7xf32, #nn.lanes<8>> -> tensor<16x19x5x7xf32, #nn.channels<8>>
  %b = nn.pack %c : tensor<16x19x5x7xf32, #nn.channels<8>> -> tensor<16x19x5x7xf32, #nn.lanes<8>>
  %y = nn.unpack %b : tensor<16x19x5x7xf32, #nn.lanes<8>> -> tensor<16x19x5x7xf32>
  return %y : tensor<16x19x5x7xf32>
}
