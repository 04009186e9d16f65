// Update rules: a formula per element of a parameter.
include "nn/NNBase.td"

def NN_SgdOp : NN_PointwiseOp<"sgd", [AllTypesMatch<["parameter", "gradient"]>]> {
  let summary = "p - lr*(g + weight_decay*p)";
  let arguments = (ins NN_Tensor:$parameter, NN_Tensor:$gradient, NN_ScalarTensor:$learning_rate,
                       F64Attr:$weight_decay);
  let results = (outs NN_Tensor:$new_parameter);
  let assemblyFormat = "$parameter `,` $gradient `,` $learning_rate attr-dict `:` type($parameter) `,` type($learning_rate)";
}

def NN_SgdMomentumOp : NN_PointwiseOp<"sgd_momentum", [
    AllTypesMatch<["parameter", "gradient", "velocity"]>]> {
  let summary = "stochastic gradient descent with momentum, as torch.optim.SGD";
  let description = [{
    g' = g + weight_decay*p; v' = momentum*v + g'; p' = p - lr*(nesterov ? g' + momentum*v' : v').
  }];
  let arguments = (ins NN_Tensor:$parameter, NN_Tensor:$gradient, NN_Tensor:$velocity,
                       NN_ScalarTensor:$learning_rate, F64Attr:$momentum, F64Attr:$weight_decay,
                       BoolAttr:$nesterov);
  let results = (outs NN_Tensor:$new_parameter, NN_Tensor:$new_velocity);
  let assemblyFormat = "$parameter `,` $gradient `,` $velocity `,` $learning_rate attr-dict `:` type($parameter) `,` type($learning_rate)";
}

def NN_AdamOp : NN_PointwiseOp<"adam", [
    AllTypesMatch<["parameter", "gradient", "first", "second"]>,
    DeclareOpInterfaceMethods<PointwiseInterface, ["emitBlock"]>]> {
  let summary = "Adam and AdamW, as torch.optim.Adam and AdamW";
  let description = [{
    Kingma and Ba, 2015; decoupled weight decay: Loshchilov and Hutter, 2019. With t = step + 1:
    m' = beta1*m + (1-beta1)*g; v' = beta2*v + (1-beta2)*g^2;
    p' = p - lr * (m'/(1-beta1^t)) / (sqrt(v'/(1-beta2^t)) + eps), where weight decay adds
    weight_decay*p to g or, decoupled, takes lr*weight_decay*p from p.
  }];
  let arguments = (ins NN_Tensor:$parameter, NN_Tensor:$gradient, NN_Tensor:$first,
                       NN_Tensor:$second, NN_ScalarTensor:$learning_rate, NN_CounterTensor:$step,
                       F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps, F64Attr:$weight_decay,
                       BoolAttr:$decoupled);
  let results = (outs NN_Tensor:$new_parameter, NN_Tensor:$new_first, NN_Tensor:$new_second);
  let assemblyFormat = "$parameter `,` $gradient `,` $first `,` $second `,` $learning_rate `,` $step attr-dict `:` type($parameter) `,` type($learning_rate)";
}
