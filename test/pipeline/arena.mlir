// RUN: gradmill-opt --plan-arena --canonicalize %s | FileCheck %s

// %a and %c are never alive together and share offset 0; %b lives with both. At most 768
// bytes live at once, and the arena is no larger.
// CHECK-LABEL: func.func @reuse(
// CHECK-SAME:    %[[ARENA:[a-z0-9]+]]: memref<768xi8> {nn.arena}, %{{[a-z0-9]+}}: memref<16x8xf32>
// CHECK-SAME:    nn.arena_lower_bound = 768 : i64
// CHECK-NOT:   memref.alloc
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG:   %[[B:.*]] = arith.constant 512 : index
// CHECK:       memref.view %[[ARENA]][%[[ZERO]]][] : memref<768xi8> to memref<16x8xf32>
// CHECK:       memref.view %[[ARENA]][%[[B]]][] : memref<768xi8> to memref<8x8xf32>
// CHECK:       memref.view %[[ARENA]][%[[ZERO]]][] : memref<768xi8> to memref<2x8xvector<8xf32>>
func.func @reuse(%x: memref<16x8xf32>) attributes {nn.entry = "infer"} {
  %i = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %zeros = arith.constant dense<0.0> : vector<8xf32>
  %a = memref.alloc() {alignment = 64 : i64} : memref<16x8xf32>
  memref.copy %x, %a : memref<16x8xf32> to memref<16x8xf32>
  %b = memref.alloc() {alignment = 64 : i64} : memref<8x8xf32>
  %v = memref.load %a[%i, %i] : memref<16x8xf32>
  memref.store %v, %b[%i, %i] : memref<8x8xf32>
  memref.store %zero, %a[%i, %i] : memref<16x8xf32>
  %c = memref.alloc() {alignment = 64 : i64} : memref<2x8xvector<8xf32>>
  memref.store %zeros, %c[%i, %i] : memref<2x8xvector<8xf32>>
  %w = memref.load %b[%i, %i] : memref<8x8xf32>
  memref.store %w, %x[%i, %i] : memref<16x8xf32>
  return
}

// A buffer that is touched inside of a loop lives as long as the loop; a view of it counts
// as the buffer. One that nobody touches takes no room.
// CHECK-LABEL: func.func @nested(
// CHECK-SAME:    memref<128xi8> {nn.arena}
// CHECK-SAME:    nn.arena_lower_bound = 128 : i64
func.func @nested(%x: memref<4x4xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %a = memref.alloc() {alignment = 64 : i64} : memref<4x4xf32>
  %b = memref.alloc() {alignment = 64 : i64} : memref<4x4xf32>
  %unused = memref.alloc() {alignment = 64 : i64} : memref<1024xf32>
  %flat = memref.collapse_shape %a [[0, 1]] : memref<4x4xf32> into memref<16xf32>
  memref.copy %x, %b : memref<4x4xf32> to memref<4x4xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    %v = memref.load %b[%i, %c0] : memref<4x4xf32>
    memref.store %v, %flat[%i] : memref<16xf32>
  }
  memref.copy %a, %x : memref<4x4xf32> to memref<4x4xf32>
  return
}

// No temporaries: still one cache line, so that the table of buffers has one shape.
// CHECK-LABEL: func.func @none(
// CHECK-SAME:    memref<64xi8> {nn.arena}
func.func @none(%x: memref<4xf32>) attributes {nn.entry = "infer"} {
  return
}

// Memory of a parallel loop is its thread's. The groups' loop is looked into: %a and %b are
// never alive together and share offset 0, %sum lives throughout. Loops run one after another,
// so the scratch is as large as the largest needs; the arena has no part in it.
// CHECK-LABEL: func.func @scratch(
// CHECK-SAME:    memref<64xi8> {nn.arena}, %{{[a-z0-9]+}}: memref<4x8xf32>, %[[SCRATCH:[a-z0-9]+]]: memref<576xi8> {nn.scratch})
// CHECK-SAME:    nn.arena_lower_bound = 64 : i64
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG:   %[[SUM:.*]] = arith.constant 512 : index
// CHECK-NOT:   memref.alloc
// CHECK:       scf.forall
// CHECK:         memref.view %[[SCRATCH]][%[[SUM]]][] : memref<576xi8> to memref<1x8xf32>
// CHECK:         scf.for
// CHECK:           memref.view %[[SCRATCH]][%[[ZERO]]][] : memref<576xi8> to memref<1x128xf32>
// CHECK:           memref.view %[[SCRATCH]][%[[ZERO]]][] : memref<576xi8> to memref<1x64xf32>
// CHECK:       scf.forall
// CHECK:           memref.view %[[SCRATCH]][%[[ZERO]]][] : memref<576xi8> to memref<1x32xf32>
func.func @scratch(%x: memref<4x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    %sum = memref.alloc() {alignment = 64 : i64} : memref<1x8xf32>
    memref.store %zero, %sum[%c0, %c0] : memref<1x8xf32>
    scf.for %i = %t to %end step %c1 {
      %a = memref.alloc() {alignment = 64 : i64} : memref<1x128xf32>
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%c0, %c0] : memref<1x128xf32>
      %w = memref.load %a[%c0, %c0] : memref<1x128xf32>
      memref.store %w, %sum[%c0, %c0] : memref<1x8xf32>
      %b = memref.alloc() {alignment = 64 : i64} : memref<1x64xf32>
      memref.store %w, %b[%c0, %c0] : memref<1x64xf32>
      %u = memref.load %b[%c0, %c0] : memref<1x64xf32>
      memref.store %u, %x[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
    %s = memref.load %sum[%c0, %c0] : memref<1x8xf32>
    memref.store %s, %x[%t, %c1] : memref<4x8xf32>
  } {nn.blocks = 4 : i64}
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %a = memref.alloc() {alignment = 64 : i64} : memref<1x32xf32>
      memref.store %zero, %a[%c0, %c0] : memref<1x32xf32>
      %v = memref.load %a[%c0, %c0] : memref<1x32xf32>
      memref.store %v, %x[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}
