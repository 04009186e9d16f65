"""ONNX Runtime: inference, all graph optimizations, sequential execution; `run`
passes NumPy arrays, `binding` has input and output bound once."""

import time

import worker
from worker import Absent, BATCH, MODE, THREADS, VARIANT


def serialize(helper, TensorProto, nodes, weights, names, shapes):
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
             for name, shape in zip(names, shapes)]
    return helper.make_model(
        helper.make_graph(nodes, "net", ports[:1], ports[1:], weights),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def model_of(graph):
    """The net as ONNX, as an exporter would write it for inference."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(1)
    nodes, weights, values = [], [], {"image": "image"}
    count = 0

    def tensor(name, draw):
        nonlocal count
        shape = graph.parameters.get(name) or graph.buffers[name]
        count += np.prod(shape) if name in graph.parameters else 0
        weights.append(numpy_helper.from_array(draw(shape).astype(np.float32), name))
        return name

    def normal(shape):
        return rng.normal(size=shape) * 0.1

    def positive(shape):
        return rng.uniform(0.5, 1.5, shape)

    for n in graph.nodes:
        a, inputs = n.attributes, [values[i] for i in n.inputs]
        if n.op == "dropout":  # nothing in inference
            values[n.name] = inputs[0]
            continue
        values[n.name] = n.name
        if n.op == "conv2d":
            op, filters = "Conv", tensor(n.tensors["filter"], normal)
            extra = {"kernel_shape": graph.parameters[filters][2:], "strides": a["stride"],
                     "pads": a["padding"] * 2, "dilations": a["dilation"], "group": a["groups"]}
            inputs.append(filters)
            if "bias" in n.tensors:
                inputs.append(tensor(n.tensors["bias"], normal))
        elif n.op == "linear":
            op, extra = "Gemm", {"transB": 1}
            inputs += [tensor(n.tensors[role], normal) for role in ("weight", "bias") if role in n.tensors]
        elif n.op == "batch_norm":
            op, extra = "BatchNormalization", {"epsilon": a["eps"]}
            inputs += [tensor(n.tensors[role], draw) for role, draw in
                       (("weight", positive), ("bias", normal), ("mean", normal), ("var", positive))]
        elif n.op == "max_pool2d":
            op = "MaxPool"
            extra = {"kernel_shape": a["kernel"], "strides": a["stride"], "pads": a["padding"] * 2,
                     "dilations": a["dilation"]}
        else:
            op = {"relu": "Relu", "add": "Add", "global_avg_pool": "GlobalAveragePool",
                  "flatten": "Flatten", "log_softmax": "LogSoftmax"}[n.op]
            extra = {"axis": 1} if n.op == "log_softmax" else {}
        nodes.append(helper.make_node(op, inputs, [n.name], **extra))
    assert count == graph.parameter_count()
    shape = (BATCH, *graph.input_shape)
    out = (BATCH, graph.classes)
    last = values[graph.nodes[-1].name]
    identity = helper.make_node("Identity", ["image"], ["out"])
    return (serialize(helper, TensorProto, nodes, weights, ("image", last), (shape, out)),
            serialize(helper, TensorProto, [identity], [], ("image", "out"), (shape, shape)),
            rng.normal(size=shape).astype(np.float32))


def setup():
    if MODE == "train":
        raise Absent("ONNX Runtime's package does not train")
    try:
        import onnxruntime
        net, nothing, image = model_of(worker.graph({"linear"}))
    except ImportError as error:
        raise Absent(f"ONNX Runtime: {error}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL

    def caller(model):
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        if VARIANT == "run":
            return lambda: session.run(None, {"image": image})
        binding = session.io_binding()
        binding.bind_cpu_input("image", image)
        binding.bind_output(session.get_outputs()[0].name, "cpu")
        return lambda: session.run_with_iobinding(binding)

    # The cost of Python and of the session without any work. It matters if a call
    # takes a fraction of a millisecond.
    empty, times = caller(nothing), []
    for _ in range(2000):
        begin = time.perf_counter()
        empty()
        times.append(time.perf_counter() - begin)
    times.sort()
    return onnxruntime.__version__, caller(net), {"call_us": 1e6 * times[len(times) // 2]}


worker.serve(setup)
