"""The net that every peer runs, read from Gradmill's own graph file.

`gradmill convert net.mlir -o net.json` gives the JSON that is read here, and every
peer builds its net from these nodes: there is no second description that could
differ. Who builds it checks the number of parameters against `parameters`.
"""

import json
import math
import struct
from collections import namedtuple

# shape: [C, H, W] or [C] of one image's output; inputs: names of nodes (the first of all is
# "image") or of parameters; tensors: the op's parameters, by role; attributes: complete.
Node = namedtuple("Node", "name op inputs tensors attributes shape")

BN_EPS, BN_MOMENTUM = 1e-5, 0.1
# Role of each operand after the data, and the values of absent attributes.
ROLES = {"conv2d": ("filter", "bias"), "conv_transpose2d": ("filter", "bias"),
         "linear": ("weight", "bias"), "batch_norm": ("weight", "bias", "mean", "var")}
DEFAULTS = {
    "conv2d": {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1},
    "batch_norm": {"eps": BN_EPS, "momentum": BN_MOMENTUM},
    "max_pool2d": {"padding": (0, 0), "dilation": (1, 1)},
    "dropout": {"p": 0.5},
    "conv_transpose2d": {"stride": (1, 1), "padding": (0, 0), "output_padding": (0, 0),
                         "dilation": (1, 1), "groups": 1},
    "concat": {"axis": 1},
    "gelu": {"approximate": "none"},
    "log_softmax": {"axis": 1},
    "matmul": {"transpose_lhs": False, "transpose_rhs": False},
    "normalize": {"eps": 1e-5},
    "reduce_mean": {"keep_dims": False},
    "softmax": {"axis": 1},
}
# The ops that every peer supports. PyTorch supports more.
KNOWN = {"conv2d", "batch_norm", "relu", "dropout", "max_pool2d", "global_avg_pool", "flatten",
         "log_softmax", "add"}

# The update that all peers run; Gradmill's default.
LR, MOMENTUM = 0.01, 0.9


class Unknown(Exception):
    """The graph has an op that the peers do not support."""


def _number(value):
    """A FloatAttr: the bits of a float, f32 unless it says F64; absent bits are 0."""
    bits = value.get("bits", 0)
    if value.get("type", "F32") == "F64":
        return struct.unpack("<d", struct.pack("<Q", bits))[0]
    return struct.unpack("<f", struct.pack("<I", bits))[0]


def _numbers(value):
    return tuple(_number({"type": value.get("type", "F32"), "bits": bits})
                 for bits in value.get("bits", ()))


def _attributes(op):
    result = {}
    for attribute in op.get("attributes", []):
        kind, value = attribute["value_type"], attribute.get("value", {})
        if kind == "FloatAttr":
            result[attribute["name"]] = _number(value)
        elif kind == "IntAttr":
            result[attribute["name"]] = value.get("value", 0)
        elif kind == "BoolAttr":
            result[attribute["name"]] = value.get("value", False)
        elif kind == "FloatsAttr":
            result[attribute["name"]] = _numbers(value)
        elif kind == "IntsAttr":
            result[attribute["name"]] = tuple(value.get("values", ()))
        elif kind == "StringAttr":
            result[attribute["name"]] = value.get("value", "")
    return result


def _taps(size, out, kernel, stride, padding, dilation):
    """Pairs of an output and a tap that sees a pixel, not padding, along one axis."""
    return sum(0 <= o * stride + k * dilation - padding < size
               for o in range(out) for k in range(kernel))


class Graph:
    """nodes in order; parameters {name: shape} to train; buffers {name: shape}. `known`: the
    ops that the reader has a form for; none: any."""

    def __init__(self, path, entry="main", known=KNOWN):
        with open(path) as file:
            module = json.load(file)
        self.known = known
        function = next(f for f in module["functions"] if f["name"] == entry)
        self.nodes, self.parameters, self.buffers = [], {}, {}
        self.input_shape = tuple(function["arguments"][0]["type"]["shape"][1:])
        values = ["image"]  # name of each value: a node's, or a tensor's
        for op in function["body"]["ops"]:
            kind, attributes = op["name"].split(".")[-1], _attributes(op)
            # A return has no results.
            for result in op.get("results", []):
                values.append(self._add(kind, op, attributes, result, values))
        self.classes = self.nodes[-1].shape[0]

    def _add(self, kind, op, attributes, result, values):
        if kind == "parameter":
            buffers = attributes.get("role") == "buffer"
            (self.buffers if buffers else self.parameters)[attributes["name"]] = tuple(result["shape"])
            return attributes["name"]
        if self.known and kind not in self.known:
            raise Unknown(f"this peer's nets have no {kind}; see bench/peers/graph.py")
        operands = [values[i] for i in op["operands"]]
        # All behind the data, of which an op with roles has one.
        roles = ROLES.get(kind, ())
        data = operands[:1] if roles else operands
        roles = roles[:len(operands) - 1]
        full = {**DEFAULTS.get(kind, {}), **attributes}
        if kind == "max_pool2d":
            full.setdefault("stride", full["kernel"])
        if "bias" in roles and kind == "conv2d" and self.known == KNOWN:
            raise Unknown("this peer's convolutions have no bias")
        stray = [v for v in data if v in self.parameters or v in self.buffers]
        if stray and self.known == KNOWN:
            raise Unknown(f"this peer's nets read no tensor as {stray[0]} is read")
        node = Node(f"v{len(self.nodes)}", kind, data, dict(zip(roles, operands[len(data):])), full,
                    tuple(result["shape"][1:]))
        self.nodes.append(node)
        return node.name

    def parameter_count(self):
        return sum(map(math.prod, self.parameters.values()))

    def shape_of(self, name):
        return next((n.shape for n in self.nodes if n.name == name), self.input_shape)

    def uses(self, name):
        return sum(n.inputs.count(name) for n in self.nodes)

    def overwritable(self, name):
        """Whether a peer's ReLU or add may overwrite this value: only what computed it and
        one op see it, and no adjoint of these producers reads its output."""
        producer = next((n for n in self.nodes if n.name == name), None)
        return (producer is not None and producer.op in ("conv2d", "batch_norm", "add")
                and self.uses(name) == 1)

    def convolutions(self):
        """(layer, cin, h, w, cout, kernel, stride, padding, macs of one image) of each."""
        result = []
        for n in self.nodes:
            if n.op != "conv2d":
                continue
            filters, per_group, kh, kw = self.parameters[n.tensors["filter"]]
            cin, h, w = self.shape_of(n.inputs[0])
            a = n.attributes
            taps = math.prod(_taps(*axis) for axis in zip(
                (h, w), n.shape[1:], (kh, kw), a["stride"], a["padding"], a["dilation"]))
            result.append((n.tensors["filter"].rsplit(".", 1)[0], cin, h, w, filters, (kh, kw),
                           a["stride"], a["padding"], filters * per_group * taps))
        return result

    def _products(self):
        """Multiply-adds of linear layers and matrix products for one image."""
        total = 0
        for n in self.nodes:
            if n.op == "linear":
                total += math.prod(n.shape) * self.parameters[n.tensors["weight"]][1]
            elif n.op == "matmul":
                left = self.shape_of(n.inputs[0])
                total += math.prod(n.shape) * left[-2 if n.attributes["transpose_lhs"] else -1]
        return total

    def macs(self):
        """Multiply-adds of convolutions, linear layers and matrix products for one image: (infer, train).

        Those by padding do not count: nobody has to do them.

        Training does each three times (forward, with respect to the weights, with
        respect to the input), but for those that see the image: nobody asks for
        the gradient of the image.
        """
        macs = [(c[-1], n.inputs[0] == "image") for c, n in
                zip(self.convolutions(), (n for n in self.nodes if n.op == "conv2d"))]
        products = self._products()
        return (products + sum(m for m, _ in macs),
                3 * products + sum(m * (2 if first else 3) for m, first in macs))
