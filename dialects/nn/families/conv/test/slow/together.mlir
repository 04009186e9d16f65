// Winograd with channels in the lanes whose steps take all images together: filters larger than the caches, and
// few images with much work.
// RUN: gradmill-numeric %s --batch=1 --no-gradient --samples=1 | FileCheck %s
// RUN: gradmill-numeric %s --batch=3 --no-gradient --samples=2 --cpu=avx512 | FileCheck %s
// RUN: gradmill-numeric %s --batch=16 --no-gradient --samples=3 | FileCheck %s
// RUN: gradmill-numeric %s --batch=18 --no-gradient --samples=3 --cpu=x86-64 | FileCheck %s

// Filters that fill no vector, and outputs that fill no tile.
// CHECK: ok odd:
func.func @odd(%x: tensor<?x163x7x6xf32>, %w: tensor<131x163x3x3xf32>, %b: tensor<131xf32>) -> tensor<?x131x7x6xf32> {
  %y = nn.conv2d %x, %w bias %b {padding = array<i64: 1, 1>} : tensor<?x163x7x6xf32>, tensor<131x163x3x3xf32>, tensor<131xf32>
  return %y : tensor<?x131x7x6xf32>
}

// One tile an image; a block of its own behind it, and another layer before it.
// CHECK: ok chain:
func.func @chain(%x: tensor<?x64x6x6xf32>, %v: tensor<192x64x3x3xf32>, %w: tensor<160x192x3x3xf32>) -> tensor<?x160x1x1xf32> {
  %y = nn.conv2d %x, %v : tensor<?x64x6x6xf32>, tensor<192x64x3x3xf32>
  %r = nn.relu %y : tensor<?x192x4x4xf32>
  %z = nn.conv2d %r, %w {padding = array<i64: 1, 1>} : tensor<?x192x4x4xf32>, tensor<160x192x3x3xf32>
  %p = nn.global_avg_pool %z : tensor<?x160x4x4xf32>
  return %p : tensor<?x160x1x1xf32>
}

// Many tiles, few channels: worth several threads if there are few images.
// CHECK: ok large:
func.func @large(%x: tensor<?x32x50x50xf32>, %w: tensor<40x32x3x3xf32>) -> tensor<?x40x48x48xf32> {
  %y = nn.conv2d %x, %w : tensor<?x32x50x50xf32>, tensor<40x32x3x3xf32>
  return %y : tensor<?x40x48x48xf32>
}
