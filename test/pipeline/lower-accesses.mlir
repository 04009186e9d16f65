// RUN: gradmill-opt --pass-pipeline='builtin.module(llvm.func(lower-accesses))' %s | FileCheck %s

// A loop that only makes addresses counts bytes; what goes 2, 4 or 8 times as fast is its multiple.
// Rows, which the outer loop knows, are added there, and constants are distances.
// CHECK-LABEL: llvm.func @filter(
// CHECK:         %[[X:.*]] = llvm.extractvalue %{{.*}}[1]
// CHECK:         %[[W:.*]] = llvm.extractvalue %{{.*}}[1]
// CHECK:         scf.for %[[Y:.*]] = %c0{{.*}} to
// CHECK:           %[[ROW:.*]] = arith.muli %{{.*}}, %c3584_i64
// CHECK:           %[[INPUT:.*]] = llvm.getelementptr %[[X]][%[[ROW]]] : (!llvm.ptr, i64) -> !llvm.ptr, i8
// CHECK:           scf.for %[[C:.*]] = %{{.*}} to %{{.*}} step %c16{{.*}} {
// CHECK-NEXT:        %[[BYTES:.*]] = arith.index_cast %[[C]] : index to i64
// CHECK:             %[[B:.*]] = llvm.getelementptr %[[W]][%[[BYTES]]]
// CHECK:             %[[TWICE:.*]] = arith.muli %[[BYTES]], %c2_i64
// CHECK:             %[[A:.*]] = llvm.getelementptr %[[INPUT]][%[[TWICE]]]
// CHECK:             llvm.load %[[A]] : !llvm.ptr -> vector<8xf32>
// CHECK:             %[[NEXT:.*]] = llvm.getelementptr %[[A]][512]
// CHECK:             llvm.load %[[NEXT]] : !llvm.ptr -> vector<8xf32>
// CHECK:             %[[THIRD:.*]] = llvm.getelementptr %[[B]][12]
// CHECK:             llvm.load %[[THIRD]] : !llvm.ptr -> f32
// CHECK:             %[[AHEAD:.*]] = llvm.getelementptr %[[A]][3584]
// CHECK:             "llvm.intr.prefetch"(%[[AHEAD]]) <{cache = 1 : i32, hint = 3 : i32, rw = 0 : i32}>
// CHECK-NOT:     memref.{{load|store|prefetch}}
// CHECK:       llvm.return
llvm.func @filter(%input: !llvm.struct<(ptr, ptr, i64, array<4 x i64>, array<4 x i64>)>, %filter: !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)>,
                  %output: !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>) {
  %x = builtin.unrealized_conversion_cast %input : !llvm.struct<(ptr, ptr, i64, array<4 x i64>, array<4 x i64>)> to memref<2x9x7x16xvector<8xf32>>
  %w = builtin.unrealized_conversion_cast %filter : !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)> to memref<16x4xf32>
  %z = builtin.unrealized_conversion_cast %output : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)> to memref<9xvector<8xf32>>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant dense<0.0> : vector<8xf32>
  scf.for %y = %c0 to %c8 step %c1 {
    %sum = scf.for %c = %c0 to %c16 step %c1 iter_args(%s = %zero) -> vector<8xf32> {
      %a = memref.load %x[%c0, %y, %c0, %c] : memref<2x9x7x16xvector<8xf32>>
      %b = memref.load %x[%c0, %y, %c1, %c] : memref<2x9x7x16xvector<8xf32>>
      %f = memref.load %w[%c, %c3] : memref<16x4xf32>
      %below = arith.addi %y, %c1 : index
      memref.prefetch %x[%c0, %below, %c0, %c], read, locality<3>, data : memref<2x9x7x16xvector<8xf32>>
      %g = vector.broadcast %f : f32 to vector<8xf32>
      %p = arith.mulf %a, %b : vector<8xf32>
      %q = vector.fma %p, %g, %s : vector<8xf32>
      scf.yield %q : vector<8xf32>
    }
    memref.store %sum, %z[%y] : memref<9xvector<8xf32>>
  }
  llvm.return
}

// Strides that no instruction multiplies are carried along. What counts for something else goes on counting,
// a sum that is taken apart keeps its sign, and elements side by side are aligned as one of them.
// CHECK-LABEL: llvm.func @strides(
// CHECK:         scf.for %[[I:.*]] = %c2{{.*}} to %c5{{.*}} step %c1{{.*}} iter_args(%[[BACK:.*]] = %c-40_i64{{.*}}, %[[ROWS:.*]] = %c104_i64{{.*}}) -> (i64, i64)
// CHECK:           arith.index_cast %[[I]] : index to i32
// CHECK:           llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr -> vector<4xf32>
// CHECK:           llvm.store %{{.*}}, %{{.*}} {alignment = 4 : i64, nontemporal} : vector<4xf32>, !llvm.ptr
// CHECK-DAG:       arith.addi %[[BACK]], %c-20_i64
// CHECK-DAG:       arith.addi %[[ROWS]], %c52_i64
llvm.func @strides(%matrix: !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)>, %list: !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)>,
                   %numbers: !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>) {
  %x = builtin.unrealized_conversion_cast %matrix : !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)> to memref<9x13xf32>
  %z = builtin.unrealized_conversion_cast %list : !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)> to memref<9x5xf32>
  %n = builtin.unrealized_conversion_cast %numbers : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)> to memref<1xi32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c2 to %c5 step %c1 {
    %number = arith.index_cast %i : index to i32
    memref.store %number, %n[%c0] : memref<1xi32>
    %v = vector.load %x[%i, %c5] : memref<9x13xf32>, vector<4xf32>
    %j = arith.subi %c8, %i : index
    vector.store %v, %z[%j, %c1] {nontemporal = true} : memref<9x5xf32>, vector<4xf32>
  }
  llvm.return
}

// Buffers that do not lie row by row are left to MLIR, with their views expanded.
// CHECK-LABEL: llvm.func @view(
// CHECK-NOT:     memref.subview
// CHECK:         memref.reinterpret_cast
// CHECK:         memref.load
llvm.func @view(%matrix: !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)>, %i: i64) -> f32 {
  %x = builtin.unrealized_conversion_cast %matrix : !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)> to memref<9x13xf32>
  %index = arith.index_cast %i : i64 to index
  %column = memref.subview %x[0, %index] [9, 1] [1, 1] : memref<9x13xf32> to memref<9xf32, strided<[13], offset: ?>>
  %element = memref.load %column[%index] : memref<9xf32, strided<[13], offset: ?>>
  llvm.return %element : f32
}

// Distances that an op's constant cannot hold, of 29 bits, are values.
// CHECK-LABEL: llvm.func @far(
// CHECK:         llvm.getelementptr %{{.*}}[268435452] :
// CHECK:         %[[JUST:.*]] = arith.constant 268435456 : i64
// CHECK-NEXT:    llvm.getelementptr %{{.*}}[%[[JUST]]] : (!llvm.ptr, i64)
// CHECK:         %[[FAR:.*]] = arith.constant 6442450944 : i64
// CHECK-NEXT:    llvm.getelementptr %{{.*}}[%[[FAR]]] : (!llvm.ptr, i64)
// CHECK:         %[[BACK:.*]] = arith.constant -268435460 : i64
// CHECK-NEXT:    llvm.getelementptr %{{.*}}[%[[BACK]]] : (!llvm.ptr, i64)
// CHECK:         llvm.getelementptr %{{.*}}[-268435456] :
llvm.func @far(%input: !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>, %at: i64) -> f32 {
  %x = builtin.unrealized_conversion_cast %input : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)> to memref<4294967296xf32>
  %i = arith.index_cast %at : i64 to index
  %last = arith.constant 67108863 : index
  %just = arith.constant 67108864 : index
  %far = arith.constant 1610612736 : index
  %before = arith.constant 67108865 : index
  %edge = arith.constant 67108864 : index
  %back = arith.subi %i, %before : index
  %near = arith.subi %i, %edge : index
  %a = memref.load %x[%last] : memref<4294967296xf32>
  %b = memref.load %x[%just] : memref<4294967296xf32>
  %c = memref.load %x[%far] : memref<4294967296xf32>
  %d = memref.load %x[%back] : memref<4294967296xf32>
  %e = memref.load %x[%near] : memref<4294967296xf32>
  %ab = arith.addf %a, %b : f32
  %cd = arith.addf %c, %d : f32
  %abcd = arith.addf %ab, %cd : f32
  %sum = arith.addf %abcd, %e : f32
  llvm.return %sum : f32
}
