// REQUIRES: plugin-written_linalg
// RUN: gradmill-numeric %s --plugin=%plugins/gradmill-plugin-written_linalg.so --no-gradient --batch=16 | FileCheck %s
// RUN: gradmill-numeric %s --plugin=%plugins/gradmill-plugin-written_linalg.so --no-gradient --batch=16 --no-fuse | FileCheck %s

// Everything that linalg can say, against loops as they are written.

// CHECK: ok convolution
func.func @convolution(%x: tensor<16x3x9x8xf64>, %w: tensor<5x3x3x3xf64>) -> tensor<16x5x7x6xf64> {
  %y = nn.written_linalg %x, %w : tensor<16x3x9x8xf64>, tensor<5x3x3x3xf64> {
  ^bb0(%a: tensor<16x3x9x8xf64>, %b: tensor<5x3x3x3xf64>):
    %zero = arith.constant 0.0 : f64
    %empty = tensor.empty() : tensor<16x5x7x6xf64>
    %init = linalg.fill ins(%zero : f64) outs(%empty : tensor<16x5x7x6xf64>) -> tensor<16x5x7x6xf64>
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<16x3x9x8xf64>, tensor<5x3x3x3xf64>)
        outs(%init : tensor<16x5x7x6xf64>) -> tensor<16x5x7x6xf64>
    nn.yield %c : tensor<16x5x7x6xf64>
  } : tensor<16x5x7x6xf64>
  %r = nn.relu %y : tensor<16x5x7x6xf64>
  return %r : tensor<16x5x7x6xf64>
}

// A batch that no vector divides, f32, 1 and 14 channels: rests of both axes of a tile.
// CHECK: ok rests
func.func @rests(%x: tensor<13x1x5x8xf32>, %w: tensor<14x1x3x2xf32>) -> (tensor<13x14x3x7xf32>, tensor<14xf32>) {
  %y = nn.written_linalg %x, %w : tensor<13x1x5x8xf32>, tensor<14x1x3x2xf32> {
  ^bb0(%a: tensor<13x1x5x8xf32>, %b: tensor<14x1x3x2xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<13x14x3x7xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<13x14x3x7xf32>) -> tensor<13x14x3x7xf32>
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<13x1x5x8xf32>, tensor<14x1x3x2xf32>)
        outs(%init : tensor<13x14x3x7xf32>) -> tensor<13x14x3x7xf32>
    nn.yield %c : tensor<13x14x3x7xf32>
  } : tensor<13x14x3x7xf32>
  %s = nn.channel_sum %y : tensor<13x14x3x7xf32>
  return %y, %s : tensor<13x14x3x7xf32>, tensor<14xf32>
}

// The reduction begins with a tensor.
// CHECK: ok matmul
func.func @matmul(%x: tensor<13x7xf64>, %w: tensor<7x9xf64>, %b: tensor<13x9xf64>) -> tensor<13x9xf64> {
  %y = nn.written_linalg %x, %w, %b : tensor<13x7xf64>, tensor<7x9xf64>, tensor<13x9xf64> {
  ^bb0(%a: tensor<13x7xf64>, %m: tensor<7x9xf64>, %init: tensor<13x9xf64>):
    %c = linalg.matmul ins(%a, %m : tensor<13x7xf64>, tensor<7x9xf64>) outs(%init : tensor<13x9xf64>) -> tensor<13x9xf64>
    nn.yield %c : tensor<13x9xf64>
  } : tensor<13x9xf64>
  return %y : tensor<13x9xf64>
}

// What flows back to a weight: a sum over the batch.
// CHECK: ok over_the_batch
func.func @over_the_batch(%x: tensor<13x7xf64>, %dy: tensor<13x9xf64>) -> tensor<7x9xf64> {
  %y = nn.written_linalg %x, %dy : tensor<13x7xf64>, tensor<13x9xf64> {
  ^bb0(%a: tensor<13x7xf64>, %b: tensor<13x9xf64>):
    %zero = arith.constant 0.0 : f64
    %empty = tensor.empty() : tensor<7x9xf64>
    %init = linalg.fill ins(%zero : f64) outs(%empty : tensor<7x9xf64>) -> tensor<7x9xf64>
    %c = linalg.generic {
        indexing_maps = [affine_map<(i, j, n) -> (n, i)>, affine_map<(i, j, n) -> (n, j)>, affine_map<(i, j, n) -> (i, j)>],
        iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<13x7xf64>, tensor<13x9xf64>) outs(%init : tensor<7x9xf64>) {
    ^bb0(%p: f64, %q: f64, %sum: f64):
      %0 = arith.mulf %p, %q : f64
      %1 = arith.addf %0, %sum : f64
      linalg.yield %1 : f64
    } -> tensor<7x9xf64>
    nn.yield %c : tensor<7x9xf64>
  } : tensor<7x9xf64>
  return %y : tensor<7x9xf64>
}

// CHECK: ok sum_of_all
func.func @sum_of_all(%x: tensor<16x5x3xf64>) -> tensor<f64> {
  %y = nn.written_linalg %x : tensor<16x5x3xf64> {
  ^bb0(%a: tensor<16x5x3xf64>):
    %one = arith.constant dense<1.0> : tensor<f64>
    %c = linalg.reduce { arith.addf } ins(%a : tensor<16x5x3xf64>) outs(%one : tensor<f64>) dimensions = [0, 1, 2]
    nn.yield %c : tensor<f64>
  } : tensor<f64>
  return %y : tensor<f64>
}

// Images change places with channels.
// CHECK: ok transposed
func.func @transposed(%x: tensor<16x5x3xf64>) -> tensor<5x16x3xf64> {
  %y = nn.written_linalg %x : tensor<16x5x3xf64> {
  ^bb0(%a: tensor<16x5x3xf64>):
    %empty = tensor.empty() : tensor<5x16x3xf64>
    %c = linalg.transpose ins(%a : tensor<16x5x3xf64>) outs(%empty : tensor<5x16x3xf64>) permutation = [1, 0, 2]
    nn.yield %c : tensor<5x16x3xf64>
  } : tensor<5x16x3xf64>
  return %y : tensor<5x16x3xf64>
}

// Loops in another order than the result's dimensions; one number per image; several ops, one behind the other.
// CHECK: ok normalized
func.func @normalized(%x: tensor<13x5x4xf64>) -> tensor<13x5x4xf64> {
  %y = nn.written_linalg %x : tensor<13x5x4xf64> {
  ^bb0(%a: tensor<13x5x4xf64>):
    %one = arith.constant 1.0 : f64
    %empty = tensor.empty() : tensor<13xf64>
    %init = linalg.fill ins(%one : f64) outs(%empty : tensor<13xf64>) -> tensor<13xf64>
    %norm = linalg.generic {
        indexing_maps = [affine_map<(c, h, n) -> (n, c, h)>, affine_map<(c, h, n) -> (n)>],
        iterator_types = ["reduction", "reduction", "parallel"]}
        ins(%a : tensor<13x5x4xf64>) outs(%init : tensor<13xf64>) {
    ^bb0(%p: f64, %sum: f64):
      %0 = math.absf %p : f64
      %1 = arith.addf %sum, %0 : f64
      linalg.yield %1 : f64
    } -> tensor<13xf64>
    %out = tensor.empty() : tensor<13x5x4xf64>
    %c = linalg.generic {
        indexing_maps = [affine_map<(h, n, c) -> (n, c, h)>, affine_map<(h, n, c) -> (n)>, affine_map<(h, n, c) -> (n, c, h)>],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%a, %norm : tensor<13x5x4xf64>, tensor<13xf64>) outs(%out : tensor<13x5x4xf64>) {
    ^bb0(%p: f64, %q: f64, %unused: f64):
      %0 = arith.divf %p, %q : f64
      linalg.yield %0 : f64
    } -> tensor<13x5x4xf64>
    nn.yield %c : tensor<13x5x4xf64>
  } : tensor<13x5x4xf64>
  return %y : tensor<13x5x4xf64>
}

// Padding of every dimension but the batch, by a number that is not 0; read at every second place, backwards.
// CHECK: ok padded
func.func @padded(%x: tensor<13x3x4x5xf32>) -> tensor<13x4x3x4xf32> {
  %y = nn.written_linalg %x : tensor<13x3x4x5xf32> {
  ^bb0(%a: tensor<13x3x4x5xf32>):
    %half = arith.constant 0.5 : f32
    %low = arith.constant -100.0 : f32
    %pad = tensor.pad %a low[0, 1, 2, 0] high[0, 2, 1, 4] {
    ^bb0(%n: index, %c: index, %h: index, %w: index):
      tensor.yield %half : f32
    } : tensor<13x3x4x5xf32> to tensor<13x6x7x9xf32>
    %empty = tensor.empty() : tensor<13x4x3x4xf32>
    %init = linalg.fill ins(%low : f32) outs(%empty : tensor<13x4x3x4xf32>) -> tensor<13x4x3x4xf32>
    %rows = tensor.empty() : tensor<3x2xf32>
    %columns = tensor.empty() : tensor<2xf32>
    %c = linalg.generic {
        indexing_maps = [affine_map<(n, c, h, w, d, p, q) -> (n, c + d, h * 2 + p, 8 - w * 2 - q)>,
                         affine_map<(n, c, h, w, d, p, q) -> (d, p)>, affine_map<(n, c, h, w, d, p, q) -> (q)>,
                         affine_map<(n, c, h, w, d, p, q) -> (n, c, h, w)>],
        iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
        ins(%pad, %rows, %columns : tensor<13x6x7x9xf32>, tensor<3x2xf32>, tensor<2xf32>) outs(%init : tensor<13x4x3x4xf32>) {
    ^bb0(%p: f32, %u: f32, %v: f32, %most: f32):
      %0 = arith.maximumf %p, %most : f32
      linalg.yield %0 : f32
    } -> tensor<13x4x3x4xf32>
    nn.yield %c : tensor<13x4x3x4xf32>
  } : tensor<13x4x3x4xf32>
  return %y : tensor<13x4x3x4xf32>
}

// A padded and a filled tensor as they are.
// CHECK: ok as_they_are
func.func @as_they_are(%x: tensor<13x3x4xf64>) -> (tensor<13x3x6xf64>, tensor<13x3xf64>) {
  %y:2 = nn.written_linalg %x : tensor<13x3x4xf64> {
  ^bb0(%a: tensor<13x3x4xf64>):
    %two = arith.constant 2.0 : f64
    %pad = tensor.pad %a low[0, 0, 1] high[0, 0, 1] {
    ^bb0(%n: index, %c: index, %h: index):
      tensor.yield %two : f64
    } : tensor<13x3x4xf64> to tensor<13x3x6xf64>
    %empty = tensor.empty() : tensor<13x3xf64>
    %fill = linalg.fill ins(%two : f64) outs(%empty : tensor<13x3xf64>) -> tensor<13x3xf64>
    nn.yield %pad, %fill : tensor<13x3x6xf64>, tensor<13x3xf64>
  } : tensor<13x3x6xf64>, tensor<13x3xf64>
  return %y#0, %y#1 : tensor<13x3x6xf64>, tensor<13x3xf64>
}

// The loops' variables as numbers: position and channel in the lanes, the image's number not.
// CHECK: ok positions
func.func @positions(%x: tensor<16x5x6xf64>) -> (tensor<16x5x6xf64>, tensor<16x5xf64>) {
  %y:2 = nn.written_linalg %x : tensor<16x5x6xf64> {
  ^bb0(%a: tensor<16x5x6xf64>):
    %empty = tensor.empty() : tensor<16x5x6xf64>
    %c = linalg.map ins(%a : tensor<16x5x6xf64>) outs(%empty : tensor<16x5x6xf64>) (%p: f64, %unused: f64) {
      %i = linalg.index 1 : index
      %j = linalg.index 2 : index
      %0 = arith.index_cast %i : index to i64
      %1 = arith.sitofp %0 : i64 to f64
      %2 = arith.index_cast %j : index to i64
      %3 = arith.sitofp %2 : i64 to f64
      %4 = arith.mulf %1, %3 : f64
      %5 = arith.addf %4, %p : f64
      linalg.yield %5 : f64
    }
    %zero = arith.constant 0.0 : f64
    %none = tensor.empty() : tensor<16x5xf64>
    %init = linalg.fill ins(%zero : f64) outs(%none : tensor<16x5xf64>) -> tensor<16x5xf64>
    %d = linalg.generic {
        indexing_maps = [affine_map<(n, c, h) -> (n, c, h)>, affine_map<(n, c, h) -> (n, c)>],
        iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a : tensor<16x5x6xf64>) outs(%init : tensor<16x5xf64>) {
    ^bb0(%p: f64, %sum: f64):
      %i = linalg.index 0 : index
      %0 = arith.index_cast %i : index to i64
      %1 = arith.sitofp %0 : i64 to f64
      %2 = arith.mulf %1, %p : f64
      %3 = arith.addf %2, %sum : f64
      linalg.yield %3 : f64
    } -> tensor<16x5xf64>
    nn.yield %c, %d : tensor<16x5x6xf64>, tensor<16x5xf64>
  } : tensor<16x5x6xf64>, tensor<16x5xf64>
  return %y#0, %y#1 : tensor<16x5x6xf64>, tensor<16x5xf64>
}

// Formulas: per channel, one number, a constant, what stands in outs; on parameters, too.
// CHECK: ok formulas
func.func @formulas(%x: tensor<13x5x6xf32>, %s: tensor<5xf32>, %t: tensor<f32>) -> (tensor<13x5x6xf32>, tensor<5xf32>) {
  %y:2 = nn.written_linalg %x, %s, %t : tensor<13x5x6xf32>, tensor<5xf32>, tensor<f32> {
  ^bb0(%a: tensor<13x5x6xf32>, %b: tensor<5xf32>, %c: tensor<f32>):
    %two = arith.constant 2.0 : f32
    %d = linalg.generic {
        indexing_maps = [affine_map<(n, c, h) -> (c)>, affine_map<(n, c, h) -> ()>, affine_map<(n, c, h) -> ()>,
                         affine_map<(n, c, h) -> (n, c, h)>],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%b, %c, %two : tensor<5xf32>, tensor<f32>, f32) outs(%a : tensor<13x5x6xf32>) {
    ^bb0(%p: f32, %q: f32, %r: f32, %z: f32):
      %0 = arith.mulf %p, %z : f32
      %1 = arith.addf %0, %q : f32
      %2 = arith.maximumf %1, %r : f32
      linalg.yield %2 : f32
    } -> tensor<13x5x6xf32>
    %e = linalg.add ins(%b, %b : tensor<5xf32>, tensor<5xf32>) outs(%b : tensor<5xf32>) -> tensor<5xf32>
    nn.yield %d, %e : tensor<13x5x6xf32>, tensor<5xf32>
  } : tensor<13x5x6xf32>, tensor<5xf32>
  return %y#0, %y#1 : tensor<13x5x6xf32>, tensor<5xf32>
}

// Depthwise, with the shuffles of a pixel: floor and remainder in the maps.
// CHECK: ok pixel_shuffle
func.func @pixel_shuffle(%x: tensor<16x8x3x4xf32>) -> tensor<16x2x6x8xf32> {
  %y = nn.written_linalg %x : tensor<16x8x3x4xf32> {
  ^bb0(%a: tensor<16x8x3x4xf32>):
    %empty = tensor.empty() : tensor<16x2x6x8xf32>
    %c = linalg.generic {
        indexing_maps = [affine_map<(n, c, h, w) -> (n, c * 4 + (h mod 2) * 2 + w mod 2, h floordiv 2, w floordiv 2)>,
                         affine_map<(n, c, h, w) -> (n, c, h, w)>],
        iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
        ins(%a : tensor<16x8x3x4xf32>) outs(%empty : tensor<16x2x6x8xf32>) {
    ^bb0(%p: f32, %unused: f32):
      linalg.yield %p : f32
    } -> tensor<16x2x6x8xf32>
    nn.yield %c : tensor<16x2x6x8xf32>
  } : tensor<16x2x6x8xf32>
  return %y : tensor<16x2x6x8xf32>
}

// More channels than there are, behind a convolution of one image: the lanes hold channels, and past
// the last one anything. And more images than there are: then the first dimension is not the batch.
// CHECK: ok more_channels
func.func @more_channels(%x: tensor<1x3x6x6xf32>, %w: tensor<12x3x3x3xf32>) -> tensor<1x32x4x4xf32> {
  %c = nn.conv2d %x, %w : tensor<1x3x6x6xf32>, tensor<12x3x3x3xf32>
  %y = nn.written_linalg %c : tensor<1x12x4x4xf32> {
  ^bb0(%a: tensor<1x12x4x4xf32>):
    %half = arith.constant 0.5 : f32
    %pad = tensor.pad %a low[0, 0, 0, 0] high[0, 20, 0, 0] {
    ^bb0(%n: index, %k: index, %h: index, %v: index):
      tensor.yield %half : f32
    } : tensor<1x12x4x4xf32> to tensor<1x32x4x4xf32>
    nn.yield %pad : tensor<1x32x4x4xf32>
  } : tensor<1x32x4x4xf32>
  return %y : tensor<1x32x4x4xf32>
}

// CHECK: ok more_images
func.func @more_images(%x: tensor<13x3x4xf32>) -> tensor<29x3x4xf32> {
  %y = nn.written_linalg %x : tensor<13x3x4xf32> {
  ^bb0(%a: tensor<13x3x4xf32>):
    %half = arith.constant 0.5 : f32
    %pad = tensor.pad %a low[0, 0, 0] high[16, 0, 0] {
    ^bb0(%n: index, %k: index, %h: index):
      tensor.yield %half : f32
    } : tensor<13x3x4xf32> to tensor<29x3x4xf32>
    nn.yield %pad : tensor<29x3x4xf32>
  } : tensor<29x3x4xf32>
  return %y : tensor<29x3x4xf32>
}
