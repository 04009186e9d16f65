"""ONNX Runtime: inference, all graph optimizations, sequential execution."""

import worker
from worker import Absent, BATCH, MODE, THREADS


def graph():
    """The net as ONNX, as an exporter would write it for inference."""
    import net
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(1)
    nodes, weights, names = [], [], {"h": "image"}

    def tensor(name, array):
        weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def add(op, *extra, **attributes):
        out = f"{op}{len(nodes)}"
        nodes.append(helper.make_node(op, [names["h"], *extra], [out], **attributes))
        names["h"] = out

    def conv(c):
        i = len(nodes)
        add("Conv", tensor(f"w{i}", rng.normal(size=(c.cout, c.cin, c.kernel, c.kernel)) * 0.1),
            kernel_shape=[c.kernel] * 2, pads=[c.padding] * 4)
        if c.block:
            add("Relu")
            add("BatchNormalization",
                tensor(f"scale{i}", rng.uniform(0.5, 1.5, c.cout)),
                tensor(f"shift{i}", rng.normal(size=c.cout)),
                tensor(f"mean{i}", rng.normal(size=c.cout)),
                tensor(f"var{i}", rng.uniform(0.5, 1.5, c.cout)), epsilon=net.BN_EPS)

    for layer in net.NET:
        if layer == net.POOL:
            add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        else:
            conv(layer)
    add("GlobalAveragePool")
    conv(net.HEAD)
    add("Flatten")
    add("LogSoftmax", axis=1)
    shape = [BATCH, 1, net.SIZE, net.SIZE]
    model = helper.make_model(
        helper.make_graph(
            nodes, "net",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(names["h"], TensorProto.FLOAT, [BATCH, net.CLASSES])],
            weights),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    image = np.random.default_rng(2).normal(size=shape).astype(np.float32)
    return model.SerializeToString(), image


def setup():
    if MODE == "train":
        raise Absent("ONNX Runtime's package does not train")
    try:
        import onnxruntime
        model, image = graph()
    except ImportError as error:
        raise Absent(f"ONNX Runtime: {error}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return onnxruntime.__version__, lambda: session.run(None, {"image": image})


worker.serve(setup)
