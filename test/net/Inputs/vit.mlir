// A small vision transformer for MNIST: patches, three blocks of attention and a hidden layer,
// and the mean of what comes out.
func.func @main(%image: tensor<?x1x28x28xf32> {nn.name = "image", nn.mean = [0.1307], nn.std = [0.3081], nn.preprocess = "digit"})
    -> (tensor<?x10xf32> {nn.name = "scores"}) {
  // 49 patches of 4x4 pixels become 49 vectors of 32 numbers; each learns where it is.
  %patch_weight = nn.parameter "patch.weight" : tensor<32x1x4x4xf32>
  %patch_bias = nn.parameter "patch.bias" {init = 0.0 : f32} : tensor<32xf32>
  %1 = nn.conv2d %image, %patch_weight bias %patch_bias {stride = array<i64: 4, 4>} : tensor<?x1x28x28xf32>, tensor<32x1x4x4xf32>, tensor<32xf32>
  %2 = nn.reshape %1 {shape = array<i64: 0, 32, 49>} : tensor<?x32x7x7xf32>
  %3 = nn.transpose %2 {permutation = array<i64: 0, 2, 1>} : tensor<?x32x49xf32>
  %position = nn.parameter "position" : tensor<49x32xf32>
  %4 = nn.add %3, %position : tensor<?x49x32xf32>, tensor<49x32xf32>

  // Block 1: attention, 4 heads of 8 numbers.
  %5 = nn.normalize %4 {axes = array<i64: -1>} : tensor<?x49x32xf32>
  %block1_norm1_weight = nn.parameter "block1.norm1.weight" {init = 1.0 : f32} : tensor<32xf32>
  %6 = nn.mul %5, %block1_norm1_weight : tensor<?x49x32xf32>, tensor<32xf32>
  %block1_norm1_bias = nn.parameter "block1.norm1.bias" {init = 0.0 : f32} : tensor<32xf32>
  %7 = nn.add %6, %block1_norm1_bias : tensor<?x49x32xf32>, tensor<32xf32>
  %block1_query_weight = nn.parameter "block1.query.weight" : tensor<32x32xf32>
  %block1_query_bias = nn.parameter "block1.query.bias" {init = 0.0 : f32} : tensor<32xf32>
  %8 = nn.linear %7, %block1_query_weight bias %block1_query_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %9 = nn.reshape %8 {shape = array<i64: 0, 49, 4, 8>} : tensor<?x49x32xf32>
  %10 = nn.transpose %9 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x49x4x8xf32>
  %block1_key_weight = nn.parameter "block1.key.weight" : tensor<32x32xf32>
  %block1_key_bias = nn.parameter "block1.key.bias" {init = 0.0 : f32} : tensor<32xf32>
  %11 = nn.linear %7, %block1_key_weight bias %block1_key_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %12 = nn.reshape %11 {shape = array<i64: 0, 49, 4, 8>} : tensor<?x49x32xf32>
  %13 = nn.transpose %12 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x49x4x8xf32>
  %block1_value_weight = nn.parameter "block1.value.weight" : tensor<32x32xf32>
  %block1_value_bias = nn.parameter "block1.value.bias" {init = 0.0 : f32} : tensor<32xf32>
  %14 = nn.linear %7, %block1_value_weight bias %block1_value_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %15 = nn.reshape %14 {shape = array<i64: 0, 49, 4, 8>} : tensor<?x49x32xf32>
  %16 = nn.transpose %15 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x49x4x8xf32>
  %17 = nn.matmul %10, %13 {transpose_rhs = true} : tensor<?x4x49x8xf32>, tensor<?x4x49x8xf32>
  %18 = nn.weighted_sum %17 {weights = array<f64: 0.3535533905932738>} : tensor<?x4x49x49xf32>
  %19 = nn.softmax %18 {axis = -1} : tensor<?x4x49x49xf32>
  %20 = nn.matmul %19, %16 : tensor<?x4x49x49xf32>, tensor<?x4x49x8xf32>
  %21 = nn.transpose %20 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x4x49x8xf32>
  %22 = nn.reshape %21 {shape = array<i64: 0, 49, 32>} : tensor<?x49x4x8xf32>
  %block1_out_weight = nn.parameter "block1.out.weight" : tensor<32x32xf32>
  %block1_out_bias = nn.parameter "block1.out.bias" {init = 0.0 : f32} : tensor<32xf32>
  %23 = nn.linear %22, %block1_out_weight bias %block1_out_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %24 = nn.add %4, %23 : tensor<?x49x32xf32>, tensor<?x49x32xf32>
  // Block 1: each vector by itself.
  %25 = nn.normalize %24 {axes = array<i64: -1>} : tensor<?x49x32xf32>
  %block1_norm2_weight = nn.parameter "block1.norm2.weight" {init = 1.0 : f32} : tensor<32xf32>
  %26 = nn.mul %25, %block1_norm2_weight : tensor<?x49x32xf32>, tensor<32xf32>
  %block1_norm2_bias = nn.parameter "block1.norm2.bias" {init = 0.0 : f32} : tensor<32xf32>
  %27 = nn.add %26, %block1_norm2_bias : tensor<?x49x32xf32>, tensor<32xf32>
  %block1_mlp1_weight = nn.parameter "block1.mlp1.weight" : tensor<64x32xf32>
  %block1_mlp1_bias = nn.parameter "block1.mlp1.bias" {init = 0.0 : f32} : tensor<64xf32>
  %28 = nn.linear %27, %block1_mlp1_weight bias %block1_mlp1_bias : tensor<?x49x32xf32>, tensor<64x32xf32>, tensor<64xf32>
  %29 = nn.gelu %28 : tensor<?x49x64xf32>
  %block1_mlp2_weight = nn.parameter "block1.mlp2.weight" : tensor<32x64xf32>
  %block1_mlp2_bias = nn.parameter "block1.mlp2.bias" {init = 0.0 : f32} : tensor<32xf32>
  %30 = nn.linear %29, %block1_mlp2_weight bias %block1_mlp2_bias : tensor<?x49x64xf32>, tensor<32x64xf32>, tensor<32xf32>
  %31 = nn.add %24, %30 : tensor<?x49x32xf32>, tensor<?x49x32xf32>

  // Block 2: attention, 4 heads of 8 numbers.
  %32 = nn.normalize %31 {axes = array<i64: -1>} : tensor<?x49x32xf32>
  %block2_norm1_weight = nn.parameter "block2.norm1.weight" {init = 1.0 : f32} : tensor<32xf32>
  %33 = nn.mul %32, %block2_norm1_weight : tensor<?x49x32xf32>, tensor<32xf32>
  %block2_norm1_bias = nn.parameter "block2.norm1.bias" {init = 0.0 : f32} : tensor<32xf32>
  %34 = nn.add %33, %block2_norm1_bias : tensor<?x49x32xf32>, tensor<32xf32>
  %block2_query_weight = nn.parameter "block2.query.weight" : tensor<32x32xf32>
  %block2_query_bias = nn.parameter "block2.query.bias" {init = 0.0 : f32} : tensor<32xf32>
  %35 = nn.linear %34, %block2_query_weight bias %block2_query_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %36 = nn.reshape %35 {shape = array<i64: 0, 49, 4, 8>} : tensor<?x49x32xf32>
  %37 = nn.transpose %36 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x49x4x8xf32>
  %block2_key_weight = nn.parameter "block2.key.weight" : tensor<32x32xf32>
  %block2_key_bias = nn.parameter "block2.key.bias" {init = 0.0 : f32} : tensor<32xf32>
  %38 = nn.linear %34, %block2_key_weight bias %block2_key_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %39 = nn.reshape %38 {shape = array<i64: 0, 49, 4, 8>} : tensor<?x49x32xf32>
  %40 = nn.transpose %39 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x49x4x8xf32>
  %block2_value_weight = nn.parameter "block2.value.weight" : tensor<32x32xf32>
  %block2_value_bias = nn.parameter "block2.value.bias" {init = 0.0 : f32} : tensor<32xf32>
  %41 = nn.linear %34, %block2_value_weight bias %block2_value_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %42 = nn.reshape %41 {shape = array<i64: 0, 49, 4, 8>} : tensor<?x49x32xf32>
  %43 = nn.transpose %42 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x49x4x8xf32>
  %44 = nn.matmul %37, %40 {transpose_rhs = true} : tensor<?x4x49x8xf32>, tensor<?x4x49x8xf32>
  %45 = nn.weighted_sum %44 {weights = array<f64: 0.3535533905932738>} : tensor<?x4x49x49xf32>
  %46 = nn.softmax %45 {axis = -1} : tensor<?x4x49x49xf32>
  %47 = nn.matmul %46, %43 : tensor<?x4x49x49xf32>, tensor<?x4x49x8xf32>
  %48 = nn.transpose %47 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x4x49x8xf32>
  %49 = nn.reshape %48 {shape = array<i64: 0, 49, 32>} : tensor<?x49x4x8xf32>
  %block2_out_weight = nn.parameter "block2.out.weight" : tensor<32x32xf32>
  %block2_out_bias = nn.parameter "block2.out.bias" {init = 0.0 : f32} : tensor<32xf32>
  %50 = nn.linear %49, %block2_out_weight bias %block2_out_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %51 = nn.add %31, %50 : tensor<?x49x32xf32>, tensor<?x49x32xf32>
  // Block 2: each vector by itself.
  %52 = nn.normalize %51 {axes = array<i64: -1>} : tensor<?x49x32xf32>
  %block2_norm2_weight = nn.parameter "block2.norm2.weight" {init = 1.0 : f32} : tensor<32xf32>
  %53 = nn.mul %52, %block2_norm2_weight : tensor<?x49x32xf32>, tensor<32xf32>
  %block2_norm2_bias = nn.parameter "block2.norm2.bias" {init = 0.0 : f32} : tensor<32xf32>
  %54 = nn.add %53, %block2_norm2_bias : tensor<?x49x32xf32>, tensor<32xf32>
  %block2_mlp1_weight = nn.parameter "block2.mlp1.weight" : tensor<64x32xf32>
  %block2_mlp1_bias = nn.parameter "block2.mlp1.bias" {init = 0.0 : f32} : tensor<64xf32>
  %55 = nn.linear %54, %block2_mlp1_weight bias %block2_mlp1_bias : tensor<?x49x32xf32>, tensor<64x32xf32>, tensor<64xf32>
  %56 = nn.gelu %55 : tensor<?x49x64xf32>
  %block2_mlp2_weight = nn.parameter "block2.mlp2.weight" : tensor<32x64xf32>
  %block2_mlp2_bias = nn.parameter "block2.mlp2.bias" {init = 0.0 : f32} : tensor<32xf32>
  %57 = nn.linear %56, %block2_mlp2_weight bias %block2_mlp2_bias : tensor<?x49x64xf32>, tensor<32x64xf32>, tensor<32xf32>
  %58 = nn.add %51, %57 : tensor<?x49x32xf32>, tensor<?x49x32xf32>

  // Block 3: attention, 4 heads of 8 numbers.
  %59 = nn.normalize %58 {axes = array<i64: -1>} : tensor<?x49x32xf32>
  %block3_norm1_weight = nn.parameter "block3.norm1.weight" {init = 1.0 : f32} : tensor<32xf32>
  %60 = nn.mul %59, %block3_norm1_weight : tensor<?x49x32xf32>, tensor<32xf32>
  %block3_norm1_bias = nn.parameter "block3.norm1.bias" {init = 0.0 : f32} : tensor<32xf32>
  %61 = nn.add %60, %block3_norm1_bias : tensor<?x49x32xf32>, tensor<32xf32>
  %block3_query_weight = nn.parameter "block3.query.weight" : tensor<32x32xf32>
  %block3_query_bias = nn.parameter "block3.query.bias" {init = 0.0 : f32} : tensor<32xf32>
  %62 = nn.linear %61, %block3_query_weight bias %block3_query_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %63 = nn.reshape %62 {shape = array<i64: 0, 49, 4, 8>} : tensor<?x49x32xf32>
  %64 = nn.transpose %63 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x49x4x8xf32>
  %block3_key_weight = nn.parameter "block3.key.weight" : tensor<32x32xf32>
  %block3_key_bias = nn.parameter "block3.key.bias" {init = 0.0 : f32} : tensor<32xf32>
  %65 = nn.linear %61, %block3_key_weight bias %block3_key_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %66 = nn.reshape %65 {shape = array<i64: 0, 49, 4, 8>} : tensor<?x49x32xf32>
  %67 = nn.transpose %66 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x49x4x8xf32>
  %block3_value_weight = nn.parameter "block3.value.weight" : tensor<32x32xf32>
  %block3_value_bias = nn.parameter "block3.value.bias" {init = 0.0 : f32} : tensor<32xf32>
  %68 = nn.linear %61, %block3_value_weight bias %block3_value_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %69 = nn.reshape %68 {shape = array<i64: 0, 49, 4, 8>} : tensor<?x49x32xf32>
  %70 = nn.transpose %69 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x49x4x8xf32>
  %71 = nn.matmul %64, %67 {transpose_rhs = true} : tensor<?x4x49x8xf32>, tensor<?x4x49x8xf32>
  %72 = nn.weighted_sum %71 {weights = array<f64: 0.3535533905932738>} : tensor<?x4x49x49xf32>
  %73 = nn.softmax %72 {axis = -1} : tensor<?x4x49x49xf32>
  %74 = nn.matmul %73, %70 : tensor<?x4x49x49xf32>, tensor<?x4x49x8xf32>
  %75 = nn.transpose %74 {permutation = array<i64: 0, 2, 1, 3>} : tensor<?x4x49x8xf32>
  %76 = nn.reshape %75 {shape = array<i64: 0, 49, 32>} : tensor<?x49x4x8xf32>
  %block3_out_weight = nn.parameter "block3.out.weight" : tensor<32x32xf32>
  %block3_out_bias = nn.parameter "block3.out.bias" {init = 0.0 : f32} : tensor<32xf32>
  %77 = nn.linear %76, %block3_out_weight bias %block3_out_bias : tensor<?x49x32xf32>, tensor<32x32xf32>, tensor<32xf32>
  %78 = nn.add %58, %77 : tensor<?x49x32xf32>, tensor<?x49x32xf32>
  // Block 3: each vector by itself.
  %79 = nn.normalize %78 {axes = array<i64: -1>} : tensor<?x49x32xf32>
  %block3_norm2_weight = nn.parameter "block3.norm2.weight" {init = 1.0 : f32} : tensor<32xf32>
  %80 = nn.mul %79, %block3_norm2_weight : tensor<?x49x32xf32>, tensor<32xf32>
  %block3_norm2_bias = nn.parameter "block3.norm2.bias" {init = 0.0 : f32} : tensor<32xf32>
  %81 = nn.add %80, %block3_norm2_bias : tensor<?x49x32xf32>, tensor<32xf32>
  %block3_mlp1_weight = nn.parameter "block3.mlp1.weight" : tensor<64x32xf32>
  %block3_mlp1_bias = nn.parameter "block3.mlp1.bias" {init = 0.0 : f32} : tensor<64xf32>
  %82 = nn.linear %81, %block3_mlp1_weight bias %block3_mlp1_bias : tensor<?x49x32xf32>, tensor<64x32xf32>, tensor<64xf32>
  %83 = nn.gelu %82 : tensor<?x49x64xf32>
  %block3_mlp2_weight = nn.parameter "block3.mlp2.weight" : tensor<32x64xf32>
  %block3_mlp2_bias = nn.parameter "block3.mlp2.bias" {init = 0.0 : f32} : tensor<32xf32>
  %84 = nn.linear %83, %block3_mlp2_weight bias %block3_mlp2_bias : tensor<?x49x64xf32>, tensor<32x64xf32>, tensor<32xf32>
  %85 = nn.add %78, %84 : tensor<?x49x32xf32>, tensor<?x49x32xf32>

  // The mean of all vectors says which digit it is.
  %86 = nn.normalize %85 {axes = array<i64: -1>} : tensor<?x49x32xf32>
  %norm_weight = nn.parameter "norm.weight" {init = 1.0 : f32} : tensor<32xf32>
  %87 = nn.mul %86, %norm_weight : tensor<?x49x32xf32>, tensor<32xf32>
  %norm_bias = nn.parameter "norm.bias" {init = 0.0 : f32} : tensor<32xf32>
  %88 = nn.add %87, %norm_bias : tensor<?x49x32xf32>, tensor<32xf32>
  %89 = nn.reduce_mean %88 {axes = array<i64: 1>} : tensor<?x49x32xf32>
  %head_weight = nn.parameter "head.weight" : tensor<10x32xf32>
  %head_bias = nn.parameter "head.bias" {init = 0.0 : f32} : tensor<10xf32>
  %90 = nn.linear %89, %head_weight bias %head_bias : tensor<?x32xf32>, tensor<10x32xf32>, tensor<10xf32>
  %scores = nn.log_softmax %90 : tensor<?x10xf32>
  return %scores : tensor<?x10xf32>
}
