// RUN: gradmill-opt --merge-tasks=clock=llvm.readcyclecounter %s | FileCheck %s
// RUN: gradmill-opt --merge-tasks %s | FileCheck %s --check-prefix=NONE
// NONE-NOT: kernel_clocks

// The loop of two kernels reads the clock before, between and behind them, and adds to the row
// of its task. A kernel alone needs no clock: its host takes the time.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[CLOCKS:[a-z0-9]*]]: memref<32x3xi64> {nn.name = "kernel_clocks", nn.output}
// CHECK:       scf.forall (%[[TASK:.*]]) in (4)
// CHECK:         scf.for
// CHECK-NEXT:      %[[T0:.*]] = llvm.call_intrinsic "llvm.readcyclecounter"() : () -> i64
// CHECK-NEXT:      memref.load %arg0
// CHECK-NEXT:      memref.store
// CHECK-NEXT:      %[[T1:.*]] = llvm.call_intrinsic
// CHECK:           %[[D1:.*]] = arith.subi %[[T1]], %[[T0]]
// CHECK-NEXT:      %[[S1:.*]] = memref.load %[[CLOCKS]][%[[TASK]], %[[K0:.*]]]
// CHECK-NEXT:      %[[N1:.*]] = arith.addi %[[S1]], %[[D1]]
// CHECK-NEXT:      memref.store %[[N1]], %[[CLOCKS]][%[[TASK]], %[[K0]]]
// CHECK-NEXT:      memref.load
// CHECK-NEXT:      memref.store
// CHECK-NEXT:      %[[T2:.*]] = llvm.call_intrinsic
// CHECK:           arith.subi %[[T2]], %[[T1]]
// CHECK:           memref.store %{{.*}}, %[[CLOCKS]][%[[TASK]],
// CHECK:         } {nn.block_loop}
// CHECK:       scf.forall
// CHECK-NOT:     call_intrinsic
// CHECK:       return
func.func @chain(%x: memref<4x8xf32>, %y: memref<4x8xf32>, %z: memref<8xf32>) attributes {nn.entry = "infer", nn.kernels = [#nn.kernel_report<name = "a">, #nn.kernel_report<name = "b">, #nn.kernel_report<name = "c">]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<4x8xf32>
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %x[%i, %c0] : memref<4x8xf32>
      memref.store %v, %a[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {mapping = [#nn.kernel<0>], nn.blocks = 4 : i64}
  scf.forall (%t) in (4) {
    %end = arith.addi %t, %c1 : index
    scf.for %i = %t to %end step %c1 {
      %v = memref.load %a[%i, %c0] : memref<4x8xf32>
      memref.store %v, %y[%i, %c0] : memref<4x8xf32>
    } {nn.block_loop}
  } {mapping = [#nn.kernel<1>], nn.blocks = 4 : i64}
  scf.forall (%t) in (1) {
    %v = memref.load %y[%c0, %c0] : memref<4x8xf32>
    memref.store %v, %z[%c0] : memref<8xf32>
  } {mapping = [#nn.kernel<2>]}
  return
}
