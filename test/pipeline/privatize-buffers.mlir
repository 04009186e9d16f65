// RUN: gradmill-opt --privatize-buffers %s | FileCheck %s
// RUN: gradmill-opt --privatize-buffers --plan-arena --canonicalize %s | FileCheck %s --check-prefix=ARENA

// Written and read at the current group only: memory for one group, anew for each, also
// through a view. It is no longer in the arena but in the scratch of a thread.
// CHECK-LABEL: func.func @per_block(
// CHECK-NOT:   memref.alloc
// CHECK:       scf.forall
// CHECK:         scf.for %[[I:.*]] =
// CHECK:           %[[A:.*]] = memref.alloc() {{.*}} : memref<1x2x4xf32>
// CHECK:           %[[ZERO:.*]] = arith.constant 0 : index
// CHECK:           %[[VIEW:.*]] = memref.collapse_shape %[[A]]
// CHECK:           memref.load %arg0[%[[I]],
// CHECK:           memref.store %{{.*}}, %[[A]][%[[ZERO]],
// CHECK:           memref.load %[[VIEW]][%[[ZERO]],
// CHECK:           memref.store %{{.*}}, %arg1[%[[I]],
// ARENA-LABEL: func.func @per_block(
// ARENA-SAME:    memref<64xi8> {nn.arena}
// ARENA-SAME:    %[[SCRATCH:[a-z0-9]+]]: memref<64xi8> {nn.scratch}
// ARENA-NOT:   memref.alloc
// ARENA:       memref.view %[[SCRATCH]]
func.func @per_block(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() {alignment = 64 : i64} : memref<4x2x4xf32>
  %view = memref.collapse_shape %a [[0], [1, 2]] : memref<4x2x4xf32> into memref<4x8xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%i, %c0, %c0] : memref<4x2x4xf32>
      %w = memref.load %view[%i, %c1] : memref<4x8xf32>
      memref.store %w, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}

// At the current task only: memory for all groups of a task, outside of their loop.
// CHECK-LABEL: func.func @per_task(
// CHECK-NOT:   memref.alloc
// CHECK:       scf.forall
// CHECK:         memref.alloc() {{.*}} : memref<1x8xf32>
// CHECK:         scf.for
// CHECK-NOT:       memref.alloc
// CHECK:         } {nn.block_loop}
func.func @per_task(%x: memref<4x8xf32>, %y: memref<2x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %a = memref.alloc() {alignment = 64 : i64} : memref<2x8xf32>
  scf.forall (%t) in (2) {
    %begin = arith.muli %t, %c2 : index
    %end = arith.addi %begin, %c2 : index
    memref.store %zero, %a[%t, %c0] : memref<2x8xf32>
    scf.for %i = %begin to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      %old = memref.load %a[%t, %c0] : memref<2x8xf32>
      %new = arith.addf %old, %v : f32
      memref.store %new, %a[%t, %c0] : memref<2x8xf32>
    } {nn.block_loop}
    %sum = memref.load %a[%t, %c0] : memref<2x8xf32>
    memref.store %sum, %y[%t, %c0] : memref<2x8xf32>
  } {nn.blocks = 4 : i64}
  return
}

// Partial sums leave the loop: they are combined behind it.
// CHECK-LABEL: func.func @leaves(
// CHECK:       memref.alloc() {{.*}} : memref<4x8xf32>
// CHECK:       scf.forall
// CHECK-NOT:   memref.alloc
// CHECK:       return
// ARENA-LABEL: func.func @leaves(
// ARENA-SAME:    memref<128xi8> {nn.arena}
// ARENA-NOT:   nn.scratch
// ARENA:       return
func.func @leaves(%x: memref<4x8xf32>, %y: memref<f32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() {alignment = 64 : i64} : memref<4x8xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  %v = memref.load %a[%c0, %c0] : memref<4x8xf32>
  memref.store %v, %y[] : memref<f32>
  return
}

// Read by a second loop, or at another group, or copied as a whole: the whole batch is
// needed.
// CHECK-LABEL: func.func @two_loops(
// CHECK-COUNT-3: memref.alloc() {{.*}} : memref<4x8xf32>
// CHECK-NOT:   memref.alloc
// CHECK:       return
func.func @two_loops(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() {alignment = 64 : i64} : memref<4x8xf32>
  %b = memref.alloc() {alignment = 64 : i64} : memref<4x8xf32>
  %c = memref.alloc() {alignment = 64 : i64} : memref<4x8xf32>
  memref.copy %x, %c : memref<4x8xf32> to memref<4x8xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%i, %c0] : memref<4x8xf32>
      %s = memref.load %c[%i, %c0] : memref<4x8xf32>
      memref.store %s, %b[%i, %c0] : memref<4x8xf32>
      %w = memref.load %b[%c0, %c0] : memref<4x8xf32>
      memref.store %w, %y[%i, %c1] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %a[%i, %c0] : memref<4x8xf32>
      memref.store %v, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}

// A large buffer of one group of images stays in the arena, where its place is used again.
// CHECK-LABEL: func.func @large_single(
// CHECK:       memref.alloc() {{.*}} : memref<1x262144xf32>
// CHECK-NEXT:  scf.forall
// CHECK-NOT:   memref.alloc
// CHECK:       return
func.func @large_single(%x: memref<1x8xf32>, %y: memref<1x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() {alignment = 64 : i64} : memref<1x262144xf32>
  scf.forall (%t) in (1) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<1x8xf32>
      memref.store %v, %a[%i, %c0] : memref<1x262144xf32>
      %w = memref.load %a[%i, %c0] : memref<1x262144xf32>
      memref.store %w, %y[%i, %c0] : memref<1x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 1 : i64}
  return
}
