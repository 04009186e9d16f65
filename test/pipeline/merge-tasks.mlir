// RUN: gradmill-opt --merge-tasks %s | FileCheck %s

// Three kernels that hand over one group of images at a time: one parallel loop, with one
// loop over groups, in their order. What stood between moves in front.
// CHECK-LABEL: func.func @chain(
// CHECK:       %[[A:.*]] = memref.alloc
// CHECK:       %[[B:.*]] = memref.alloc
// CHECK:       scf.forall
// CHECK:         scf.for %[[I:.*]] =
// CHECK:           memref.store %{{.*}}, %[[A]][%[[I]], %{{.*}}]
// CHECK:           memref.load %[[A]][%[[I]],
// CHECK:           memref.store %{{.*}}, %[[B]][%[[I]],
// CHECK:           memref.load %[[B]][%[[I]],
// CHECK:           memref.store %{{.*}}, %arg1[%[[I]],
// CHECK:         } {nn.block_loop}
// CHECK-NEXT:  } {nn.blocks = 4 : i64}
// CHECK-NEXT:  return
func.func @chain(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<4x8xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  %b = memref.alloc() : memref<4x8xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %a[%i, %c0] : memref<4x8xf32>
      memref.store %v, %b[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %b[%i, %c0] : memref<4x8xf32>
      memref.store %v, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}

// A sum over the batch ends the chain: the second loop needs what all tasks of the first
// have added up.
// CHECK-LABEL: func.func @reduction(
// CHECK:       } {nn.block_loop}
// CHECK-NEXT:  } {nn.blocks = 4 : i64}
// CHECK:       memref.store %{{.*}}, %[[SUM:.*]][]
// CHECK:       scf.forall
// CHECK:         memref.load %[[SUM]][]
// CHECK:       } {nn.blocks = 4 : i64}
func.func @reduction(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %partial = memref.alloc() : memref<2xf32>
  scf.forall (%t) in (2) {
    %begin = arith.muli %t, %c2 : index
    %end = arith.addi %begin, %c2 : index
    memref.store %zero, %partial[%t] : memref<2xf32>
    scf.for %i = %begin to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      %old = memref.load %partial[%t] : memref<2xf32>
      %new = arith.addf %old, %v : f32
      memref.store %new, %partial[%t] : memref<2xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  %sum = memref.alloc() : memref<f32>
  %p0 = memref.load %partial[%c0] : memref<2xf32>
  %p1 = memref.load %partial[%c1] : memref<2xf32>
  %s = arith.addf %p0, %p1 : f32
  memref.store %s, %sum[] : memref<f32>
  scf.forall (%t) in (2) {
    %begin = arith.muli %t, %c2 : index
    %end = arith.addi %begin, %c2 : index
    scf.for %i = %begin to %end step %c1 {
      %v = memref.load %sum[] : memref<f32>
      memref.store %v, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}

// The same sum, which the second loop does not read: it is combined behind both. The parts
// of tasks around the loops keep their order.
// CHECK-LABEL: func.func @sum_moves_behind(
// CHECK:       %[[PARTIAL:.*]] = memref.alloc
// CHECK:       scf.forall (%[[T:.*]]) in (2)
// CHECK:         memref.store %{{.*}}, %[[PARTIAL]][%[[T]]]
// CHECK:         scf.for
// CHECK:           memref.store %{{.*}}, %[[PARTIAL]][%[[T]]]
// CHECK:           memref.store %{{.*}}, %arg1
// CHECK:         } {nn.block_loop}
// CHECK-NEXT:  } {nn.blocks = 4 : i64}
// CHECK-NEXT:  memref.load %[[PARTIAL]]
// CHECK:       memref.store %{{.*}}, %arg2[]
// CHECK-NEXT:  return
func.func @sum_moves_behind(%x: memref<4x8xf32>, %y: memref<4x8xf32>, %sum: memref<f32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %partial = memref.alloc() : memref<2xf32>
  scf.forall (%t) in (2) {
    %begin = arith.muli %t, %c2 : index
    %end = arith.addi %begin, %c2 : index
    memref.store %zero, %partial[%t] : memref<2xf32>
    scf.for %i = %begin to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %partial[%t] : memref<2xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  %p0 = memref.load %partial[%c0] : memref<2xf32>
  memref.store %p0, %sum[] : memref<f32>
  scf.forall (%t) in (2) {
    %begin = arith.muli %t, %c2 : index
    %end = arith.addi %begin, %c2 : index
    scf.for %i = %begin to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}

// The second loop reads another group than its own, which another task may not have
// written yet.
// CHECK-LABEL: func.func @neighbour(
// CHECK-COUNT-2: } {nn.blocks = 4 : i64}
func.func @neighbour(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %a = memref.alloc() : memref<4x8xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %other = arith.subi %c3, %i : index
      %v = memref.load %a[%other, %c0] : memref<4x8xf32>
      memref.store %v, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}

// Nor may it overwrite what other tasks of the first still read: every group there reads
// group 0.
// CHECK-LABEL: func.func @overwrites(
// CHECK-COUNT-2: } {nn.blocks = 4 : i64}
func.func @overwrites(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%c0, %c0] : memref<4x8xf32>
      memref.store %v, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      memref.store %zero, %x[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}

// A view that keeps groups apart is as good as the buffer; one that runs them together is
// not, wherever it is read.
// CHECK-LABEL: func.func @views(
// CHECK:       } {nn.blocks = 4 : i64}
// CHECK-NOT:   nn.blocks
// CHECK-LABEL: func.func @flat_view(
// CHECK-COUNT-2: } {nn.blocks = 4 : i64}
func.func @views(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<4x2x4xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%i, %c0, %c0] : memref<4x2x4xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  %view = memref.collapse_shape %a [[0], [1, 2]] : memref<4x2x4xf32> into memref<4x8xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %view[%i, %c0] : memref<4x8xf32>
      memref.store %v, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}
func.func @flat_view(%x: memref<4x8xf32>, %y: memref<4x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<4x2x4xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%i, %c0, %c0] : memref<4x2x4xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  %view = memref.collapse_shape %a [[0, 1], [2]] : memref<4x2x4xf32> into memref<8x4xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %view[%i, %c0] : memref<8x4xf32>
      memref.store %v, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  return
}

// Loops over other numbers of groups have nothing in common.
// CHECK-LABEL: func.func @other_count(
// CHECK:       } {nn.blocks = 4 : i64}
// CHECK:       } {nn.blocks = 2 : i64}
func.func @other_count(%x: memref<4x8xf32>, %y: memref<2x8xf32>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      memref.store %zero, %x[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 4 : i64}
  scf.forall (%t) in (2) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      memref.store %zero, %y[%i, %c0] : memref<2x8xf32>
    } {nn.block_loop}
  } {nn.blocks = 2 : i64}
  return
}

// The last reader of a very large temporary, which updates the model, moves up with its view:
// to behind the last op that it depends on. Behind it the memory is free.
// CHECK-LABEL: func.func @release(
// CHECK:       %[[GRADIENT:.*]] = memref.alloc
// CHECK:       scf.forall
// CHECK:         memref.store %{{.*}}, %[[GRADIENT]][
// CHECK:       scf.forall
// CHECK:         memref.load %arg1[
// CHECK:         memref.store %{{.*}}, %arg2[
// CHECK:       %[[VIEW:.*]] = memref.collapse_shape %[[GRADIENT]]
// CHECK:       scf.forall
// CHECK:         memref.load %[[VIEW]][
// CHECK:         memref.store %{{.*}}, %arg1[
// CHECK:       scf.forall
// CHECK:         memref.store %{{.*}}, %arg3[
func.func @release(%x: memref<8xf32>, %weight: memref<8xf32>, %y: memref<8xf32>, %z: memref<8xf32>) attributes {nn.entry = "train"} {
  %c0 = arith.constant 0 : index
  %gradient = memref.alloc() : memref<4096x4096xf32>
  scf.forall (%t) in (8) {
    %v = memref.load %x[%t] : memref<8xf32>
    memref.store %v, %gradient[%t, %c0] : memref<4096x4096xf32>
  }
  scf.forall (%t) in (8) {
    %v = memref.load %weight[%t] : memref<8xf32>
    memref.store %v, %y[%t] : memref<8xf32>
  }
  scf.forall (%t) in (8) {
    %v = memref.load %x[%t] : memref<8xf32>
    memref.store %v, %z[%t] : memref<8xf32>
  }
  %view = memref.collapse_shape %gradient [[0, 1]] : memref<4096x4096xf32> into memref<16777216xf32>
  scf.forall (%t) in (8) {
    %v = memref.load %view[%t] : memref<16777216xf32>
    memref.store %v, %weight[%t] : memref<8xf32>
  }
  return
}
