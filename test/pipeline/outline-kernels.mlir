// RUN: gradmill-opt --outline-kernels %s | FileCheck %s
// RUN: gradmill-opt --outline-kernels --canonicalize --cse --plan-arena --outline-tasks --lower-accesses %s | FileCheck %s --check-prefix=CALLS

// Two kernels of equal code, on other buffers, are one function. It makes its constants and
// views itself.
// CHECK-LABEL: func.func @equal(
// CHECK:       scf.forall (%[[T:.*]]) in (4) {
// CHECK-NEXT:    func.call @kernel_relu(%arg0, %[[T]], %arg1) {nn.of = 0 : i64}
// CHECK-NEXT:  }
// CHECK:       scf.forall (%[[T:.*]]) in (4) {
// CHECK-NEXT:    func.call @kernel_relu(%arg1, %[[T]], %arg2) {nn.of = 1 : i64}
// CHECK-NEXT:  }
// A third one differs in a constant.
// CHECK:       func.call @kernel_relu_0(%arg2, %{{.*}}, %arg3) {nn.of = 2 : i64}
// CHECK-NEXT:  }
// CHECK:       return
//
// The entry is a list of calls, and what differs between them constants: a position in the
// table, and a distance from there. A kernel that does all that a task does is the task.
// CALLS-LABEL: llvm.func @equal_entry(
// CALLS:       %[[RELU:.*]] = llvm.mlir.addressof @kernel_relu : !llvm.ptr
// CALLS:       llvm.call @run_task(%arg0, %arg1, %arg2, %[[RELU]],
// CALLS:       llvm.call @run_task(%arg0, %arg1, %arg2,
// CALLS:       %[[OTHER:.*]] = llvm.mlir.addressof @kernel_relu_0 : !llvm.ptr
// CALLS:       llvm.call @run_task(%arg0, %arg1, %arg2, %[[OTHER]],
// CALLS-NEXT:  llvm.return
// CALLS-LABEL: llvm.func internal @kernel_relu(%arg0: !llvm.ptr, %arg1: i64, %arg2: !llvm.ptr)
// CALLS:       scf.for
// CALLS-LABEL: llvm.func internal @kernel_relu_0(
// CALLS-NOT:   equal_task
//
// In a chain a kernel takes a pointer for each buffer.
// CALLS-LABEL: llvm.func internal @chain_task_0(%arg0: !llvm.ptr, %arg1: i64, %arg2: !llvm.ptr)
// CALLS:       llvm.call @kernel_zero(%{{.*}}, %{{.*}}) : (!llvm.ptr, i64) -> ()
// CALLS:       scf.for
// CALLS:         llvm.call @kernel_two(%{{.*}}, %{{.*}}, %{{.*}}) : (!llvm.ptr, !llvm.ptr, i64) -> ()
func.func @equal(%a: memref<4x8xf32>, %b: memref<4x8xf32>, %c: memref<4x8xf32>, %d: memref<4x8xf32>)
    attributes {nn.entry = "infer", nn.kernels = [#nn.kernel_report<name = "", anchor = "", ops = ["nn.relu"]>, #nn.kernel_report<name = "", anchor = "", ops = ["nn.relu"]>,
                                                  #nn.kernel_report<name = "", anchor = "", ops = ["nn.relu"]>]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %flat = memref.collapse_shape %b [[0, 1]] : memref<4x8xf32> into memref<32xf32>
  scf.forall (%t) in (4) {
    scf.for %i = %c0 to %c8 step %c1 {
      %v = memref.load %a[%t, %i] : memref<4x8xf32>
      memref.store %v, %b[%t, %i] : memref<4x8xf32>
    }
  } {mapping = [#nn.kernel<0>]}
  scf.forall (%t) in (4) {
    scf.for %i = %c0 to %c8 step %c1 {
      %v = memref.load %b[%t, %i] : memref<4x8xf32>
      memref.store %v, %c[%t, %i] : memref<4x8xf32>
    }
  } {mapping = [#nn.kernel<1>]}
  %c7 = arith.constant 7 : index
  scf.forall (%t) in (4) {
    scf.for %i = %c0 to %c7 step %c1 {
      %v = memref.load %c[%t, %i] : memref<4x8xf32>
      memref.store %v, %d[%t, %i] : memref<4x8xf32>
    }
  } {mapping = [#nn.kernel<2>]}
  return
}

// In a loop of several kernels each has its part of the loop over groups, and its part before.
// A number that several need stays outside, and so does memory of the thread.
// CHECK-LABEL: func.func @chain(
// CHECK:       scf.forall (%[[T:.*]]) in (2) {
// CHECK-NEXT:    %[[BEGIN:.*]] = arith.muli %[[T]],
// CHECK:         func.call @kernel_zero(%arg2, %[[T]]) {nn.of = 0 : i64}
// CHECK:         scf.for %[[I:.*]] = %[[BEGIN]] to
// CHECK-NEXT:      %[[A:.*]] = memref.alloc() : memref<1x8xf32>
// CHECK:           func.call @[[FIRST:kernel_[a-z_0-9]*]](%arg0, %[[I]], %[[A]]) {nn.of = 0 : i64}
// CHECK:           func.call @[[SECOND:kernel_[a-z_0-9]*]](%[[A]], %arg1, %[[I]]) {nn.of = 1 : i64}
// CHECK-NEXT:    } {nn.block_loop}
func.func @chain(%x: memref<4x8xf32>, %y: memref<4x8xf32>, %sums: memref<2x8xf32>)
    attributes {nn.entry = "loss", nn.kernels = [#nn.kernel_report<name = "", anchor = "nn.zero">, #nn.kernel_report<name = "", anchor = "nn.two">]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  scf.forall (%t) in (2) {
    %begin = arith.muli %t, %c2 {nn.of = 0 : i64} : index
    %end = arith.addi %begin, %c2 {nn.of = 0 : i64} : index
    scf.for %i = %c0 to %c8 step %c1 {
      memref.store %zero, %sums[%t, %i] : memref<2x8xf32>
    } {nn.of = 0 : i64}
    scf.for %i = %begin to %end step %c1 {
      %a = memref.alloc() : memref<1x8xf32>
      scf.for %j = %c0 to %c8 step %c1 {
        %v = memref.load %x[%i, %j] : memref<4x8xf32>
        memref.store %v, %a[%c0, %j] : memref<1x8xf32>
      } {nn.of = 0 : i64}
      scf.for %j = %c0 to %c8 step %c1 {
        %v = memref.load %a[%c0, %j] : memref<1x8xf32>
        memref.store %v, %y[%i, %j] : memref<4x8xf32>
      } {nn.of = 1 : i64}
    } {nn.block_loop}
  } {mapping = [#nn.kernel<0, 1>], nn.blocks = 4 : i64}
  return
}

// A buffer of the thread that is made deep inside of a kernel lies in the task, too. What has
// no loop stays where it is.
// CHECK-LABEL: func.func @inside(
// CHECK:       scf.forall (%[[T:.*]]) in (4) {
// CHECK-NEXT:    %[[A:.*]] = memref.alloc() : memref<1x8xf32>
// CHECK-NEXT:    func.call @kernel_deep(
// CHECK-SAME:    %[[A]]
// CHECK:       scf.forall
// CHECK-NEXT:    memref.copy %arg0, %arg1
func.func @inside(%x: memref<4x8xf32>, %y: memref<4x8xf32>)
    attributes {nn.entry = "prepare", nn.kernels = [#nn.kernel_report<name = "", anchor = "nn.deep">, #nn.kernel_report<name = "", anchor = "nn.copy">]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %a = memref.alloc() : memref<1x8xf32>
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%c0, %c0] : memref<1x8xf32>
      %w = memref.load %a[%c0, %c0] : memref<1x8xf32>
      memref.store %w, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {mapping = [#nn.kernel<0>], nn.blocks = 4 : i64}
  scf.forall (%t) in (1) {
    memref.copy %x, %y : memref<4x8xf32> to memref<4x8xf32>
  } {mapping = [#nn.kernel<1>]}
  return
}

// CHECK-LABEL: func.func private @kernel_relu(%arg0: memref<4x8xf32>, %arg1: index, %arg2: memref<4x8xf32>) attributes {nn.kernel}
// CHECK:       scf.for
// CHECK:         memref.load %arg0[%arg1,
// CHECK:         memref.store %{{.*}}, %arg2[%arg1,
// CHECK:       return
