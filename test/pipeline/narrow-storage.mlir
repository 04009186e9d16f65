// RUN: gradmill-opt --narrow-storage %s | FileCheck %s
// RUN: gradmill-opt --narrow-storage --privatize-buffers --plan-arena --canonicalize %s | FileCheck %s --check-prefix=ARENA

// Loads widen, stores round; a buffer takes half the memory, also through views.
// CHECK-LABEL: func.func @vectors(
// CHECK:       %[[A:.*]] = memref.alloc() {{.*}}: memref<4x2xvector<8xbf16>>
// CHECK:       %[[VIEW:.*]] = memref.collapse_shape %[[A]] {{.*}} into memref<8xvector<8xbf16>>
// CHECK-NOT:   arith.truncf
// CHECK:       memref.store %{{.*}}, %[[A]]{{.*}} : memref<4x2xvector<8xbf16>>
// CHECK:       %[[X:.*]] = memref.load %[[VIEW]]{{.*}} : memref<8xvector<8xbf16>>
// CHECK:       arith.shli
// CHECK:       arith.bitcast {{.*}} to vector<8xf32>
// CHECK-NOT:   nn.stored
// ARENA-LABEL: func.func @vectors(
// ARENA-SAME:    memref<128xi8> {nn.arena}
func.func @vectors(%x: memref<8xvector<8xf32>>, %y: memref<8xvector<8xf32>>) attributes {nn.entry = "infer"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() {alignment = 64 : i64} : memref<4x2xvector<8xf32>, #nn.stored<bf16>>
  %view = memref.collapse_shape %a [[0, 1]] : memref<4x2xvector<8xf32>, #nn.stored<bf16>> into memref<8xvector<8xf32>, #nn.stored<bf16>>
  %v = memref.load %x[%c0] : memref<8xvector<8xf32>>
  memref.store %v, %a[%c0, %c1] : memref<4x2xvector<8xf32>, #nn.stored<bf16>>
  %w = memref.load %view[%c1] : memref<8xvector<8xf32>, #nn.stored<bf16>>
  memref.store %w, %y[%c0] : memref<8xvector<8xf32>>
  return
}

// Of buffers of scalars a vector is loaded as one; an argument changes the function's type.
// CHECK-LABEL: func.func @scalars(
// CHECK-SAME:    %[[A:.*]]: memref<16xbf16>,
// CHECK:       vector.load %[[A]]{{.*}} : memref<16xbf16>, vector<8xbf16>
// CHECK:       vector.store %{{.*}}, %[[A]]{{.*}} : memref<16xbf16>, vector<8xbf16>
func.func @scalars(%a: memref<16xf32, #nn.stored<bf16>>, %y: memref<16xf32>) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %v = vector.load %a[%c0] : memref<16xf32, #nn.stored<bf16>>, vector<8xf32>
  vector.store %v, %y[%c0] : memref<16xf32>, vector<8xf32>
  vector.store %v, %a[%c8] : memref<16xf32, #nn.stored<bf16>>, vector<8xf32>
  return
}
