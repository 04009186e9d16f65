// REQUIRES: plugin-written_linalg
// RUN: gradmill-opt %s --plugin=%plugins/gradmill-plugin-written_linalg.so --expand-linalg -split-input-file -verify-diagnostics

func.func @no_structured_op(%x: tensor<16x4xf32>) -> tensor<16x2x2xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_op] cannot compile 'nn.written_linalg' by its linalg: 'tensor.expand_shape' is no structured op, tensor.empty, tensor.pad or constant; write it as linalg.generic, or implement LoweringInterface}}
  %y = nn.written_linalg %x : tensor<16x4xf32> {
  ^bb0(%a: tensor<16x4xf32>):
    %e = tensor.expand_shape %a [[0], [1, 2]] output_shape [16, 2, 2] : tensor<16x4xf32> into tensor<16x2x2xf32>
    nn.yield %e : tensor<16x2x2xf32>
  } : tensor<16x2x2xf32>
  return %y : tensor<16x2x2xf32>
}

// -----

func.func @types(%x: tensor<16x4xf32>) -> tensor<16x5xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_type] cannot compile 'nn.written_linalg' by its linalg: its values have other types than its results; return a value of the type of each result from toLinalg}}
  %y = nn.written_linalg %x : tensor<16x4xf32> {
  ^bb0(%a: tensor<16x4xf32>):
    nn.yield %a : tensor<16x4xf32>
  } : tensor<16x5xf32>
  return %y : tensor<16x5xf32>
}

// -----

func.func @two_results(%x: tensor<16x4xf32>) -> tensor<16x4xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_result] cannot compile 'nn.written_linalg' by its linalg: 'linalg.generic' has not one result}}
  %y = nn.written_linalg %x : tensor<16x4xf32> {
  ^bb0(%a: tensor<16x4xf32>):
    %r:2 = linalg.generic {
        indexing_maps = [affine_map<(n, c) -> (n, c)>, affine_map<(n, c) -> (n, c)>, affine_map<(n, c) -> (n, c)>],
        iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<16x4xf32>) outs(%a, %a : tensor<16x4xf32>, tensor<16x4xf32>) {
    ^bb0(%p: f32, %q: f32, %r: f32):
      linalg.yield %p, %p : f32, f32
    } -> (tensor<16x4xf32>, tensor<16x4xf32>)
    nn.yield %r#0 : tensor<16x4xf32>
  } : tensor<16x4xf32>
  return %y : tensor<16x4xf32>
}

// -----

func.func @scatter(%x: tensor<16x4xf32>, %w: tensor<3xf32>) -> tensor<16x6xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_result] cannot compile 'nn.written_linalg' by its linalg: 'linalg.generic' adds up at indices that are sums of loops; write a gather}}
  %y = nn.written_linalg %x, %w : tensor<16x4xf32>, tensor<3xf32> {
  ^bb0(%a: tensor<16x4xf32>, %b: tensor<3xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<16x6xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x6xf32>) -> tensor<16x6xf32>
    %r = linalg.generic {
        indexing_maps = [affine_map<(n, c, d) -> (n, c)>, affine_map<(n, c, d) -> (d)>, affine_map<(n, c, d) -> (n, c + d)>],
        iterator_types = ["parallel", "reduction", "reduction"]}
        ins(%a, %b : tensor<16x4xf32>, tensor<3xf32>) outs(%init : tensor<16x6xf32>) {
    ^bb0(%p: f32, %q: f32, %sum: f32):
      %0 = arith.mulf %p, %q : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
    } -> tensor<16x6xf32>
    nn.yield %r : tensor<16x6xf32>
  } : tensor<16x6xf32>
  return %y : tensor<16x6xf32>
}

// -----

func.func @gather(%x: tensor<16x4xf32>) -> tensor<16x4xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_payload] cannot compile 'nn.written_linalg' by its linalg: 'tensor.extract' in the payload works on scalars only; use ops of arith and math}}
  %y = nn.written_linalg %x : tensor<16x4xf32> {
  ^bb0(%a: tensor<16x4xf32>):
    %r = linalg.generic {
        indexing_maps = [affine_map<(n, c) -> (n, c)>], iterator_types = ["parallel", "parallel"]} outs(%a : tensor<16x4xf32>) {
    ^bb0(%p: f32):
      %i = linalg.index 0 : index
      %0 = tensor.extract %a[%i, %i] : tensor<16x4xf32>
      linalg.yield %0 : f32
    } -> tensor<16x4xf32>
    nn.yield %r : tensor<16x4xf32>
  } : tensor<16x4xf32>
  return %y : tensor<16x4xf32>
}

// -----

func.func @unwritten(%x: tensor<16x4xf32>) -> tensor<16xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_operand] cannot compile 'nn.written_linalg' by its linalg: 'linalg.reduce' begins its reduction with what no op has written; put a linalg.fill behind the tensor.empty}}
  %y = nn.written_linalg %x : tensor<16x4xf32> {
  ^bb0(%a: tensor<16x4xf32>):
    %empty = tensor.empty() : tensor<16xf32>
    %r = linalg.reduce { arith.addf } ins(%a : tensor<16x4xf32>) outs(%empty : tensor<16xf32>) dimensions = [1]
    nn.yield %r : tensor<16xf32>
  } : tensor<16xf32>
  return %y : tensor<16xf32>
}

// -----

func.func @read_unwritten(%x: tensor<16x4xf32>) -> tensor<16x4xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_operand] cannot compile 'nn.written_linalg' by its linalg: it reads what no op has written; put a linalg.fill behind the tensor.empty}}
  %y = nn.written_linalg %x : tensor<16x4xf32> {
  ^bb0(%a: tensor<16x4xf32>):
    %empty = tensor.empty() : tensor<16x4xf32>
    %r = linalg.add ins(%a, %empty : tensor<16x4xf32>, tensor<16x4xf32>) outs(%empty : tensor<16x4xf32>) -> tensor<16x4xf32>
    nn.yield %r : tensor<16x4xf32>
  } : tensor<16x4xf32>
  return %y : tensor<16x4xf32>
}

// -----

func.func @scalar_operand(%x: tensor<f32>) -> tensor<16x4xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_op] cannot compile 'nn.written_linalg' by its linalg: 'tensor.extract' is no structured op}}
  %y = nn.written_linalg %x : tensor<f32> {
  ^bb0(%a: tensor<f32>):
    %number = tensor.extract %a[] : tensor<f32>
    %empty = tensor.empty() : tensor<16x4xf32>
    %r = linalg.fill ins(%number : f32) outs(%empty : tensor<16x4xf32>) -> tensor<16x4xf32>
    nn.yield %r : tensor<16x4xf32>
  } : tensor<16x4xf32>
  return %y : tensor<16x4xf32>
}

// -----

func.func @integers(%x: tensor<16x4xf32>) -> tensor<16x4xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_result] cannot compile 'nn.written_linalg' by its linalg: 'linalg.generic' has not one result that is a tensor of f32 or f64}}
  %y = nn.written_linalg %x : tensor<16x4xf32> {
  ^bb0(%a: tensor<16x4xf32>):
    %empty = tensor.empty() : tensor<16x4xi1>
    %r = linalg.generic {
        indexing_maps = [affine_map<(n, c) -> (n, c)>, affine_map<(n, c) -> (n, c)>],
        iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<16x4xf32>) outs(%empty : tensor<16x4xi1>) {
    ^bb0(%p: f32, %q: i1):
      %0 = arith.cmpf ogt, %p, %p : f32
      linalg.yield %0 : i1
    } -> tensor<16x4xi1>
    nn.yield %a : tensor<16x4xf32>
  } : tensor<16x4xf32>
  return %y : tensor<16x4xf32>
}

// -----

func.func @hands_over_unwritten(%x: tensor<16x4xf32>) -> tensor<16x4xf32> attributes {nn.entry = "infer"} {
  // expected-error @+1 {{[linalg_operand] cannot compile 'nn.written_linalg' by its linalg: it hands over what no op has written; put a linalg.fill behind the tensor.empty}}
  %y = nn.written_linalg %x : tensor<16x4xf32> {
  ^bb0(%a: tensor<16x4xf32>):
    %empty = tensor.empty() : tensor<16x4xf32>
    nn.yield %empty : tensor<16x4xf32>
  } : tensor<16x4xf32>
  return %y : tensor<16x4xf32>
}
