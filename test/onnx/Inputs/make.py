#!/usr/bin/env python3
"""Writes the models of this folder and, for the good ones, inputs and ONNX Runtime's outputs.

usage: make.py        (in this folder; needs the Python packages onnx and onnxruntime)

NAME.onnx with NAME.json: a case of cases.py. external: a model in two files. bad-NAME.onnx: what must be refused, and why is in
errors.test.
"""
import json
import os
import random

import numpy as np
import onnx
from onnx import TensorProto, helper

from cases import CASES, Net
from run import inputs_of, reference, session_of


def save_good():
    for name, case in CASES.items():
        path = name.replace("_", "-") + ".onnx"
        onnx.save(case(random.Random(f"{name}-0")), path)
        session = session_of(path)
        inputs = inputs_of(session, np.random.default_rng(0), samples=2)
        outputs = reference(session, inputs)

        def lists(arrays):
            return {k: np.round(np.asarray(v), 6).tolist() for k, v in arrays.items()}

        if inputs["x"].dtype == np.float32:
            inputs["x"] = np.round(inputs["x"], 2)
            outputs = reference(session, inputs)
        with open(path.replace(".onnx", ".json"), "w") as file:
            file.write(json.dumps({"inputs": lists(inputs), "outputs": lists(outputs)}, separators=(",", ":")) + "\n")


def field(number, payload):
    """A field of a protobuf message, for what the package would not write."""
    size, length = len(payload), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + payload


def save_bad(name, model):
    with open(f"bad-{name}.onnx", "wb") as file:
        file.write(model.SerializeToString())


def net(shape=(1, 4, 4)):
    return Net(random.Random(0), list(shape), 13)


def save_all_bad():
    n = net()
    v = n.add("NonMaxSuppression", n.add("LSTM", n.add("LSTM", "x", "x", "x"), "x", "x"), "x")
    n.nodes.append(helper.make_node("FusedThing", [v], ["f"], domain="com.example"))
    save_bad("operators", n.model("f"))

    n = net()
    n.add("Relu", "later")
    n.nodes.append(helper.make_node("Relu", ["v1"], ["later"]))
    save_bad("cycle", n.model("later"))

    n = net()
    n.nodes.append(helper.make_node("Relu", ["x"], ["a"]))
    n.nodes.append(helper.make_node("Relu", ["a"], ["a"]))
    save_bad("twice", n.model("a"))

    n = net()
    model = n.model(n.add("Conv", "x", n.weight(2, 1, 3, 3)))
    model.graph.initializer[0].raw_data = model.graph.initializer[0].raw_data[:-3]
    save_bad("raw-data", model)
    model.graph.initializer[0].dims[0] = 1 << 40
    save_bad("huge", model)
    model.graph.initializer[0].dims[0] = -2
    save_bad("negative", model)
    model.graph.initializer[0].CopyFrom(TensorProto(name="w0", data_type=1, dims=[2, 1, 3, 3], data_location=1))
    entry = model.graph.initializer[0].external_data.add()
    entry.key, entry.value = "location", "../../../etc/passwd"
    save_bad("external", model)
    model.graph.initializer[0].CopyFrom(TensorProto(name="w0", data_type=8, dims=[1], string_data=[b"a"]))
    save_bad("string", model)

    n = net()
    save_bad("channels", n.model(n.add("Conv", "x", n.weight(2, 3, 3, 3))))
    n = net()
    save_bad("attribute", n.model(n.add("Conv", "x", n.weight(2, 1, 3, 3), activation="Relu")))
    n = net()
    save_bad("attribute-type", n.model(n.add("LeakyRelu", "x", alpha=[1, 2])))
    n = net()
    save_bad("batch", n.model(n.add("Reshape", "x", n.ints(4, -1))))
    n = net()
    save_bad("expand", n.model(n.add("Add", "x", n.add("ConstantOfShape", n.ints(1 << 20, 1 << 19)))))
    n = net()
    v = n.add("Range", n.const(np.int64(0)), n.const(np.int64(1 << 60)), n.const(np.int64(1)))
    save_bad("range", n.model(n.add("Reshape", "x", v)))
    n = Net(random.Random(0), ["C", 4, 4], 13)
    save_bad("open", n.model(n.add("Relu", "x")))
    n = Net(random.Random(0), [1], 13, kind=TensorProto.STRING)
    save_bad("type", n.model(n.add("Relu", "x")))
    n = Net(random.Random(0), [4], 13)
    n.nodes.append(helper.make_node("MatMul", ["x", n.weight(4, 4)], [], name="nothing"))
    save_bad("no-result", n.model("x"))
    n = Net(random.Random(0), [4], 13, kind=TensorProto.INT64)
    save_bad("whole", n.model(n.add("Add", "x", n.weight(4))))
    n = net()
    n.opset = 5
    save_bad("opset", n.model(n.add("Relu", "x")))
    n = net()
    save_bad("no-data", n.model(n.add("Relu", n.weight(3, 3))))
    n = net()
    n.add("MaxPool", "x", outputs=2, kernel_shape=[2, 2])
    save_bad("indices", n.model(n.add("Add", "v1_0", "v1_1")))

    # A chain as deep as a file of some KB allows, and graphs inside of graphs.
    n, v = net(), "x"
    for _ in range(300):
        v = n.add("Relu", v)
    save_bad("deep-is-fine", n.model(v))
    inner = b""
    for _ in range(1000):  # graph: node: attribute: graph
        attribute = field(1, b"then_branch") + field(6, inner)
        inner = field(1, field(4, b"If") + field(5, attribute))
    with open("bad-nested.onnx", "wb") as file:
        file.write(helper.make_model(helper.make_graph([], "net", [], []), opset_imports=[helper.make_opsetid("", 13)]).SerializeToString() + field(7, inner))


def save_external():
    """The model conv with its weights in a file beside it."""
    os.makedirs("external", exist_ok=True)
    onnx.save(onnx.load("conv.onnx"), "external/model.onnx", save_as_external_data=True, all_tensors_to_one_file=True,
              location="weights.bin", size_threshold=0)


if __name__ == "__main__":
    save_good()
    save_all_bad()
    save_external()
