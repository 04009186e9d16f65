// RUN: gradmill-opt --share-tasks %s | FileCheck %s

// Eight groups of images; the sums of tasks go to all processes before they are combined. What a task passes on to the
// same groups is not exchanged.
// CHECK-LABEL: func.func @train
// CHECK-SAME: nn.chunks = 8 : i64
// CHECK-SAME: nn.samples = array<i64: 8, 8>
func.func @train(%image: memref<64x3xf32> {nn.name = "image", nn.port = "data"}, %weight: memref<3xf32> {nn.state = "weight"})
    attributes {nn.entry = "train"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: memref.alloc() {nn.exchanged = 0 : i64} : memref<8x3xf32>
  %partial = memref.alloc() : memref<8x3xf32>
  %kept = memref.alloc() : memref<8x3xf32>
  scf.forall (%task) in (8) {
    scf.for %lane = %c0 to %c8 step %c1 {
      %first = arith.muli %task, %c8 : index
      %sample = arith.addi %first, %lane : index
      scf.for %i = %c0 to %c3 step %c1 {
        %x = memref.load %image[%sample, %i] : memref<64x3xf32>
        memref.store %x, %partial[%task, %i] : memref<8x3xf32>
        memref.store %x, %kept[%task, %i] : memref<8x3xf32>
      }
    }
  // CHECK: nn.blocks = 8 : i64, nn.gives = array<i64: 0, 1, 8, 1>, nn.own
  } {nn.blocks = 8 : i64}
  scf.forall (%task) in (8) {
    %x = memref.load %kept[%task, %c0] : memref<8x3xf32>
    memref.store %x, %kept[%task, %c1] : memref<8x3xf32>
  // CHECK: nn.blocks = 8 : i64, nn.own
  } {nn.blocks = 8 : i64}
  scf.forall (%one) in (1) {
    scf.for %i = %c0 to %c3 step %c1 {
      %sum = scf.for %t = %c0 to %c8 step %c1 iter_args(%so_far = %zero) -> (f32) {
        %x = memref.load %partial[%t, %i] : memref<8x3xf32>
        %next = arith.addf %so_far, %x : f32
        scf.yield %next : f32
      }
      memref.store %sum, %weight[%i] : memref<3xf32>
    }
  // CHECK: } {nn.awaits = array<i64: 0>}
  }
  return
}

// A loop that writes where another task might, and one with code that nobody knows, run on all processes. What they
// need of others is exchanged before.
// CHECK-LABEL: func.func @other
// CHECK-NOT: nn.samples
func.func @other(%image: memref<64x3xf32> {nn.name = "image", nn.port = "data"}) attributes {nn.entry = "train"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %own = memref.alloc() : memref<8x3xf32>
  %shifted = memref.alloc() : memref<9x3xf32>
  scf.forall (%task) in (8) {
    %x = memref.load %image[%task, %c0] : memref<64x3xf32>
    memref.store %x, %own[%task, %c0] : memref<8x3xf32>
  // CHECK: nn.gives = array<i64: 0, 1, 8, 0>, nn.own
  } {nn.blocks = 8 : i64}
  scf.forall (%task) in (8) {
    %next = arith.addi %task, %c1 : index
    %x = memref.load %own[%task, %c0] : memref<8x3xf32>
    memref.store %x, %shifted[%next, %c0] : memref<9x3xf32>
  // CHECK: } {nn.awaits = array<i64: 0>, nn.blocks = 8 : i64}
  } {nn.blocks = 8 : i64}
  return
}

// An inference is not shared.
// CHECK-LABEL: func.func @infer
// CHECK-NOT: nn.own
func.func @infer(%image: memref<64x3xf32> {nn.name = "image", nn.port = "data"}) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %own = memref.alloc() : memref<8x3xf32>
  scf.forall (%task) in (8) {
    %x = memref.load %image[%task, %c0] : memref<64x3xf32>
    memref.store %x, %own[%task, %c0] : memref<8x3xf32>
  } {nn.blocks = 8 : i64}
  return
}
