// RUN: gradmill-opt -split-input-file -verify-diagnostics %s

// expected-error @below {{[storage_c1] the type in memory is 'f64', expected bf16}}
func.func @lanes(%x: tensor<2x8xf32, #nn.lanes<2, f64>>) {
  return
}

// -----

// expected-error @below {{[storage_c1] the type in memory is 'i8', expected bf16}}
func.func @dense(%x: tensor<8xf32, #nn.stored<i8>>) {
  return
}
