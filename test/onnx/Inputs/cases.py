"""Random ONNX models of a few layers: one function for each kind.

A function takes random numbers (random.Random) and returns the model. It needs the Python package
onnx. compare.py runs many of them, make.py writes one of each for the tests that need no package.
"""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

SEED = 1


class Net:
    """A graph that grows by one node at a time; weights are random."""

    def __init__(self, r, shape, opset=17, batch="N", kind=TensorProto.FLOAT):
        self.random = r
        self.numbers = np.random.default_rng(r.randrange(1 << 30))
        self.nodes, self.weights, self.opset = [], [], opset
        self.inputs = [helper.make_tensor_value_info("x", kind, [batch] + shape)]
        self.count = 0

    def weight(self, *shape, low=-0.5, high=0.5, name=None):
        return self.const(self.numbers.uniform(low, high, shape).astype(np.float32), name)

    def const(self, array, name=None):
        name = name or f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def ints(self, *numbers):
        return self.const(np.array(numbers, np.int64))

    def add(self, op, *inputs, outputs=1, **attributes):
        self.count += 1
        names = [f"v{self.count}_{i}" if outputs > 1 else f"v{self.count}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=f"{op}_{self.count}", **attributes))
        return names if outputs > 1 else names[0]

    def model(self, *outputs):
        for i, name in enumerate(outputs):
            self.nodes.append(helper.make_node("Identity", [name], [f"y{i}" if i else "y"]))
        graph = helper.make_graph(self.nodes, "net", self.inputs,
                                  [helper.make_tensor_value_info(f"y{i}" if i else "y", TensorProto.FLOAT, None)
                                   for i in range(len(outputs))], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)


def conv(r):
    g, c, f = r.choice([1, 1, 2]), 2 * r.randint(1, 3), 2 * r.randint(1, 3)
    k, d = [r.randint(1, 3), r.randint(1, 3)], [r.randint(1, 2), r.randint(1, 2)]
    net = Net(r, [c, r.randint(7, 12), r.randint(7, 12)], r.choice([7, 11, 13, 17]), r.choice([1, "N"]))
    given = {"group": g, "kernel_shape": k, "strides": [r.randint(1, 2), r.randint(1, 3)]}
    pad = r.choice(["SAME_UPPER", "SAME_LOWER", "VALID", "pads", "none"])
    if pad == "pads":
        given["pads"] = [r.randint(0, 2) for _ in range(4)]
    elif pad != "none":
        given["auto_pad"] = pad
    if not pad.startswith("SAME"):
        given["dilations"] = d
    bias = [net.weight(f)] if r.random() < 0.7 else []
    return net.model(net.add("Conv", "x", net.weight(f, c // g, *k), *bias, **given))


def conv1d(r):
    net = Net(r, [3, r.randint(8, 12)])
    v = net.add("Conv", "x", net.weight(4, 3, 3), net.weight(4), pads=[r.randint(0, 1), r.randint(0, 1)], strides=[r.randint(1, 2)])
    v = net.add("MaxPool", v, kernel_shape=[2], strides=[r.randint(1, 2)])
    return net.model(v)


def conv_transpose(r):
    g, k, s = r.choice([1, 2]), r.randint(2, 4), r.randint(1, 3)
    net = Net(r, [4, r.randint(3, 6), r.randint(3, 6)], r.choice([7, 11, 17]))
    given = {"group": g, "strides": [s, s]}
    form = r.choice(["pads", "auto", "shape", "extra"])
    if form == "pads":
        given["pads"] = [r.randint(0, 1) for _ in range(4)]
    elif form == "auto" and k >= s:
        given["auto_pad"] = r.choice(["SAME_UPPER", "SAME_LOWER"])
    elif form == "extra" and s > 1:
        given.update(output_padding=[s - 1, 0], pads=[1, 1, 1, 1])
    return net.model(net.add("ConvTranspose", "x", net.weight(4, 4 // g, k, k), net.weight(4), **given))


def pool(r):
    net = Net(r, [2, r.randint(6, 11), r.randint(6, 11)], r.choice([11, 12, 17]), r.choice([1, "N"]))
    k = [r.randint(1, 3), r.randint(2, 3)]
    given = {"kernel_shape": k, "strides": [r.randint(1, 2), r.randint(1, 3)]}
    if r.random() < 0.3:
        given["auto_pad"] = r.choice(["SAME_UPPER", "SAME_LOWER", "VALID"])
    else:
        given["pads"] = [r.randint(0, n // 2) for n in k + k]
        given["ceil_mode"] = r.randint(0, 1)
    if r.random() < 0.5:
        return net.model(net.add("MaxPool", "x", **given))
    given["count_include_pad"] = r.randint(0, 1)
    return net.model(net.add("AveragePool", "x", **given))


def mlp(r):
    n, m = r.randint(2, 6), r.randint(2, 6)
    net = Net(r, [n], r.choice([7, 9, 11, 13, 17]), r.choice([1, "N"]))
    v = net.add("Gemm", "x", net.weight(m, n), net.weight(m), transB=1)
    v = net.add("Gemm", v, net.weight(m, n), net.weight(n), alpha=0.5, beta=2.0)
    v = net.add("Add", net.add("MatMul", v, net.weight(n, m)), net.weight(m))
    v = net.add("Gemm", v, net.weight(m, 4), net.weight(1, 4))
    return net.model(net.add(r.choice(["Softmax", "LogSoftmax"]), v, axis=1))


def activations(r):
    net = Net(r, [3, 4, 5], 20)
    v = "x"
    calls = [lambda v: net.add("LeakyRelu", v, alpha=0.1), lambda v: net.add("Elu", v, alpha=0.7),
             lambda v: net.add("Selu", v), lambda v: net.add("Celu", v, alpha=0.5), lambda v: net.add("HardSwish", v),
             lambda v: net.add("HardSigmoid", v), lambda v: net.add("HardSigmoid", v, alpha=1 / 6),
             lambda v: net.add("Gelu", v), lambda v: net.add("Gelu", v, approximate="tanh"),
             lambda v: net.add("Softplus", v), lambda v: net.add("Mish", v), lambda v: net.add("Softsign", v),
             lambda v: net.add("PRelu", v, net.weight(3, 1, 1)), lambda v: net.add("PRelu", v, net.weight(1)),
             lambda v: net.add("Clip", v, net.const(np.float32(-0.5)), net.const(np.float32(1))),
             lambda v: net.add("Clip", v, "", net.const(np.float32(0.3))),
             lambda v: net.add("Relu", v), lambda v: net.add("Tanh", v), lambda v: net.add("Sigmoid", v)]
    for call in r.sample(calls, 4):
        v = net.add("Add", call(v), "x")
    return net.model(v)


def arithmetic(r):
    net = Net(r, [3, 4, 5], r.choice([9, 13, 17]))
    a = net.add("Abs", "x")
    v = net.add("Sqrt", net.add("Add", a, net.const(np.float32(0.5))))
    v = net.add("Mul", v, net.weight(3, 1, 1))
    v = net.add("Sub", v, net.weight(5))
    v = net.add("Div", v, net.add("Exp", net.add("Neg", a)))
    v = net.add("Pow", net.add("Abs", v), net.const(np.float32(r.choice([1, 2, 0.5, 3, 1.5]))))
    v = net.add("Max", v, "x", net.const(np.float32(0.1)))
    v = net.add("Min", v, net.const(np.float32(3)))
    v = net.add("Sum", v, net.add("Log", net.add("Add", a, net.const(np.float32(1)))), "x")
    v = net.add("Mul", net.add("Reciprocal", net.add("Add", a, net.const(np.float32(2)))), v)
    return net.model(net.add("Erf", v), net.add("Mean", v, "x"))


def norms(r):
    net = Net(r, [4, 5, 6], r.choice([9, 15, 17]))
    v = net.add("BatchNormalization", "x", net.weight(4, low=0.5, high=1.5), net.weight(4), net.weight(4),
                net.weight(4, low=0.5, high=2), epsilon=1e-3, momentum=0.8)
    v = net.add("InstanceNormalization", v, net.weight(4), net.weight(4))
    if net.opset >= 17:
        v = net.add("LayerNormalization", v, net.weight(5, 6), net.weight(5, 6), axis=-2, epsilon=1e-4)
    elif net.opset == 9:
        v = net.add("Dropout", v, ratio=0.3)
    return net.model(v)


def reduce(r):
    net = Net(r, [3, 4, 5], 13)
    axes = r.choice([[1], [2, 3], [-1], [1, -1]])
    keep = r.randint(0, 1)
    outputs = [net.add(op, "x", axes=axes, keepdims=keep) for op in ("ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceSumSquare")]
    return net.model(*outputs, net.add("ReduceSum", "x", net.ints(*axes), keepdims=keep),
                     net.add("GlobalAveragePool", "x"), net.add("GlobalMaxPool", "x"))


def shapes(r):
    batch = r.choice([1, "N"])
    net = Net(r, [4, 6, 6], r.choice([11, 13, 17]), batch)
    new = net.opset >= 13
    v = net.add("Transpose", "x", perm=[0, 2, 3, 1])
    v = net.add("Reshape", v, net.ints(r.choice([-1, 0]), 36, 4))
    v = net.add("Transpose", v, perm=[0, 2, 1])
    v = net.add("Unsqueeze", v, net.ints(1)) if new else net.add("Unsqueeze", v, axes=[1])
    v = net.add("Squeeze", v, net.ints(1)) if new else net.add("Squeeze", v, axes=[1])
    v = net.add("Concat", v, v, net.add("Slice", v, net.ints(0), net.ints(2), net.ints(1)), axis=1)
    v = net.add("Slice", v, net.ints(-1, 1), net.ints(-100, 1 << 40), net.ints(2, 1), net.ints(-2, r.randint(1, 2)))
    return net.model(net.add("Flatten", v), net.add("Gather", v, net.ints(2, 0, 1, 1), axis=1),
                     net.add("Gather", v, net.const(np.int64(1)), axis=2))


def split_pad(r):
    net = Net(r, [6, 5, 5], 13)
    a, b, c = net.add("Split", "x", net.ints(1, 2, 3), outputs=3, axis=1)
    pads = [0, 0, r.randint(0, 2), r.randint(0, 2), 0, 0, r.randint(0, 2), r.randint(0, 2)]
    a = net.add("Pad", a, net.ints(*pads), net.const(np.float32(0.7)))
    b = net.add("Pad", b, net.ints(*pads), mode="reflect")
    c = net.add("Pad", c, net.ints(*pads), mode="edge")
    return net.model(net.add("Concat", a, b, c, axis=1))


def shape_chain(r):
    """What PyTorch writes for x.view(x.size(0), -1, ...) and expand."""
    net = Net(r, [4, 3, 5], 13)
    shape = net.add("Shape", "x")
    batch = net.add("Gather", shape, net.const(np.int64(0)), axis=0)
    size = net.add("Mul", net.add("Gather", shape, net.const(np.int64(1)), axis=0),
                   net.add("Gather", shape, net.const(np.int64(2)), axis=0))
    parts = [net.add("Unsqueeze", v, net.ints(0)) for v in (batch, size)]
    target = net.add("Concat", *parts, net.add("Slice", shape, net.ints(-1), net.ints(1 << 40), net.ints(0)), axis=0)
    v = net.add("Reshape", "x", target)
    scale = net.add("Sqrt", net.add("Cast", size, to=TensorProto.FLOAT))
    v = net.add("Div", v, scale)
    ones = net.add("ConstantOfShape", net.ints(3), value=helper.make_tensor("v", TensorProto.INT64, [1], [1]))
    v = net.add("Expand", net.add("ReduceMean", v, axes=[1]), net.add("Mul", net.ints(1, 12, 5), ones))
    return net.model(net.add("Flatten", v))


def resize(r):
    net = Net(r, [2, r.randint(3, 5), r.randint(3, 5)], r.choice([10, 11, 13]))
    if net.opset == 10:
        return net.model(net.add("Resize", "x", net.const(np.array([1, 1, 2, 1.5], np.float32)), mode="nearest"))
    form = r.choice([("nearest", "asymmetric", "floor"), ("nearest", "half_pixel", "round_prefer_floor"),
                     ("linear", "half_pixel", ""), ("linear", "align_corners", ""), ("linear", "pytorch_half_pixel", "")])
    given = {"mode": form[0], "coordinate_transformation_mode": form[1]}
    if form[2]:
        given["nearest_mode"] = form[2]
    roi = net.const(np.zeros(0, np.float32)) if net.opset == 11 else ""
    return net.model(net.add("Resize", "x", roi, net.const(np.array([1, 1, 2, 3], np.float32)), **given))


def depth(r):
    net = Net(r, [8, 4, 6], 13)
    return net.model(net.add("DepthToSpace", "x", blocksize=2, mode=r.choice(["DCR", "CRD"])),
                     net.add("SpaceToDepth", "x", blocksize=2))


def attention(r):
    net = Net(r, [5, 8], 13)
    q, k, v = (net.add("Add", net.add("MatMul", "x", net.weight(8, 8)), net.weight(8)) for _ in range(3))
    split = [net.add("Transpose", net.add("Reshape", t, net.ints(0, 5, 2, 4)), perm=[0, 2, 1, 3]) for t in (q, v)]
    keys = net.add("Transpose", net.add("Reshape", k, net.ints(0, 5, 2, 4)), perm=[0, 2, 3, 1])
    scores = net.add("Softmax", net.add("Div", net.add("MatMul", split[0], keys), net.const(np.float32(2))), axis=-1)
    out = net.add("Reshape", net.add("Transpose", net.add("MatMul", scores, split[1]), perm=[0, 2, 1, 3]), net.ints(0, 5, 8))
    return net.model(net.add("Add", "x", out))


def embedding(r):
    net = Net(r, [4], 13, "N", r.choice([TensorProto.INT64, TensorProto.INT32]))
    v = net.add("Gather", net.weight(10, 6, name="table.weight"), "x")
    v = net.add("ReduceMean", v, axes=[1], keepdims=0)
    return net.model(net.add("MatMul", v, net.add("Transpose", "table.weight", perm=[1, 0])))


def preprocess(r):
    net = Net(r, [1, 4, 4], 13, 1, TensorProto.UINT8)
    v = net.add("Div", net.add("Cast", "x", to=TensorProto.FLOAT), net.const(np.float32(255)))
    v = net.add("Conv", v, net.weight(2, 1, 3, 3))
    return net.model(net.add("Reshape", v, net.ints(1, -1)))


def digits(r):
    net = Net(r, [1, 28, 28], 13, 1)
    v = net.add("Conv", "x", net.weight(4, 1, 5, 5, name="conv.weight"), net.weight(4, name="conv.bias"), strides=[3, 3])
    v = net.add("BatchNormalization", v, net.weight(4, low=0.5, high=1.5), net.weight(4), net.weight(4), net.weight(4, low=0.5, high=1.5))
    v = net.add("MaxPool", net.add("Relu", v), kernel_shape=[2, 2], strides=[2, 2])
    v = net.add("Dropout", net.add("Reshape", v, net.ints(1, 64)), net.const(np.float32(0.2)))
    return net.model(net.add("Gemm", v, net.weight(10, 64, name="fc.weight"), net.weight(10, name="fc.bias"), transB=1))


CASES = {f.__name__: f for f in (conv, conv1d, conv_transpose, pool, mlp, activations, arithmetic, norms, reduce, shapes,
                                 split_pad, shape_chain, resize, depth, attention, embedding, preprocess, digits)}
