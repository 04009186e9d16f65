"""A torch.nn.Module as a graph in the nn dialect, by way of torch.export.

Each operator of ATen has a function in `operators`, which writes ops of the dialect. What has none is listed, all at
once, with the lines of Python that it comes from.
"""
from __future__ import annotations

import copy
import os
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, Optional

import torch
import torch.fx

from .._native import GradmillError


@dataclass(frozen=True)
class Converted:
    """`text` is the graph as MLIR. `state` names the tensors that it holds, as state_dict() does; `counters` are the
    integer buffers beside them (num_batches_tracked)."""
    text: str
    state: tuple[str, ...]
    counters: tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """A value of the graph. A size of None is the batch."""
    name: str
    shape: tuple[Optional[int], ...]
    dtype: str = "f32"

    @property
    def type(self) -> str:
        return "tensor<" + "".join("?x" if size is None else f"{size}x" for size in self.shape) + self.dtype + ">"


class Unsupported(Exception):
    """Why an operator cannot be written as ops."""


class Graph:
    """The text of a function, op by op."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.arguments: list[Value] = []
        self.running: list[Value] = []  # means that a batch norm updates
        self._names = 0

    def fresh(self) -> str:
        self._names += 1
        return f"%{self._names}"

    def op(self, name: str, operands: list[Value], shape: tuple, attributes: Optional[dict[str, str]] = None, *,
           types: Optional[list[Value]] = None, bias: Optional[Value] = None) -> Value:
        """`%1 = nn.NAME operands {attributes} : types`; the types of all operands unless others are named."""
        result = Value(self.fresh(), tuple(shape))
        text = ", ".join(v.name for v in operands) + (f" bias {bias.name}" if bias else "")
        if attributes:
            text += " {" + ", ".join(f"{key} = {value}" for key, value in attributes.items()) + "}"
        listed = (operands if types is None else types) + ([bias] if bias else [])
        self.lines.append(f"{result.name} = nn.{name} {text} : " + ", ".join(v.type for v in listed))
        return result

    def unary(self, name: str, x: Value, **attributes: str) -> Value:
        return self.op(name, [x], x.shape, attributes)

    def binary(self, name: str, a: Value, b: Value) -> Value:
        same = a.shape == b.shape
        return self.op(name, [a, b], _broadcast(a.shape, b.shape), types=[a] if same else [a, b])

    def constant(self, value: float) -> Value:
        result = Value(self.fresh(), ())
        self.lines.append(f"{result.name} = nn.constant dense<{number(value)}> : {result.type}")
        return result

    def filled(self, value: float, size: int) -> Value:
        result = Value(self.fresh(), (size,))
        self.lines.append(f"{result.name} = nn.constant dense<{number(value)}> : {result.type}")
        return result

    def parameter(self, name: str, shape: tuple, role: Optional[str]) -> Value:
        result = Value(self.fresh(), shape)
        attributes = f' {{role = "{role}", init = 0.0}}' if role else " {init = 0.0}"
        self.lines.append(f'{result.name} = nn.parameter "{name}"{attributes} : {result.type}')
        return result

    def reshape(self, x: Value, shape: tuple) -> Value:
        if x.shape == tuple(shape):
            return x
        if None in shape and shape[0] is not None or None in x.shape[1:]:
            raise Unsupported("the batch must stay the first dimension")
        if None in shape:
            extents = [0 if size is None else size for size in shape]
        else:
            extents = list(shape)
        return self.op("reshape", [x], shape, {"shape": ints(extents)})

    def normalize(self, x: Value, axes: list[int], eps: float) -> Value:
        return self.unary("normalize", x, axes=ints(axes), eps=number(eps))

    def scale_shift(self, x: Value, weight: Optional[Value], bias: Optional[Value], shape: tuple) -> Value:
        """x * weight + bias, both as `shape`."""
        if weight:
            x = self.binary("mul", x, self.reshape(weight, shape))
        return self.binary("add", x, self.reshape(bias, shape)) if bias else x


def ints(values) -> str:
    return "array<i64" + (": " if values else "") + ", ".join(str(int(v)) for v in values) + ">"


def number(value: Any) -> str:
    """As MLIR writes it, which asks for a point: 1.0e-05."""
    if isinstance(value, (torch.SymInt, torch.SymFloat)):
        raise Unsupported("a number that depends on the size of the batch")
    text = repr(float(value))
    if "n" in text:  # inf, nan
        raise Unsupported(f"the number {text}")
    return text if "." in text else text.replace("e", ".0e")


def _broadcast(a: tuple, b: tuple) -> tuple:
    sizes = []
    for i in range(1, max(len(a), len(b)) + 1):
        x, y = a[-i] if i <= len(a) else 1, b[-i] if i <= len(b) else 1
        sizes.append(y if x == 1 else x)
    return tuple(reversed(sizes))


def _pair(value: Any) -> list[int]:
    values = list(value) if isinstance(value, (tuple, list)) else [value]
    return values * 2 if len(values) == 1 else values


def _axis(axis: int, x: Value) -> int:
    return axis + len(x.shape) if axis < 0 else axis


def _windows(weight: Value, stride, padding, dilation, groups) -> dict[str, str]:
    attributes = {"stride": ints(_pair(stride)), "padding": ints(_pair(padding)), "dilation": ints(_pair(dilation))}
    if groups != 1:
        attributes["groups"] = f"{groups} : i64"
    return attributes


operators: dict[str, Callable[..., Any]] = {}


def operator(*names: str):
    def register(function):
        for name in names:
            operators[name] = function
        return function
    return register


# An operator's function takes the graph, the shape of the result and the arguments: values, numbers, lists.

@operator("conv2d", "conv2d.padding")
def _conv2d(g, shape, x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    if padding == "valid":
        padding = 0
    elif padding == "same":
        total = [d * (k - 1) for d, k in zip(_pair(dilation), weight.shape[2:])]
        padding = [t // 2 for t in total] + [t - t // 2 for t in total]
    return g.op("conv2d", [x, weight], shape, _windows(weight, stride, padding, dilation, groups), bias=bias)


@operator("conv1d", "conv1d.padding")
def _conv1d(g, shape, x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    def flat(value, fill):
        return [fill, value[0] if isinstance(value, (tuple, list)) else value]
    if isinstance(padding, str):
        raise Unsupported(f"padding={padding!r} of a 1-D convolution")
    image = g.reshape(x, (*x.shape[:2], 1, x.shape[2]))
    kernel = g.reshape(weight, (*weight.shape[:2], 1, weight.shape[2]))
    y = _conv2d(g, (*shape[:2], 1, shape[2]), image, kernel, bias, flat(stride, 1), flat(padding, 0), flat(dilation, 1), groups)
    return g.reshape(y, shape)


@operator("conv_transpose2d.input")
def _conv_transpose2d(g, shape, x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    attributes = _windows(weight, stride, padding, dilation, groups)
    attributes["output_padding"] = ints(_pair(output_padding))
    return g.op("conv_transpose2d", [x, weight], shape, attributes, bias=bias)


@operator("linear")
def _linear(g, shape, x, weight, bias=None):
    return g.op("linear", [x, weight], shape, bias=bias)


@operator("matmul", "bmm")
def _matmul(g, shape, a, b):
    return g.op("matmul", [a, b], shape)


@operator("batch_norm", "_native_batch_norm_legit_functional")
def _batch_norm(g, shape, x, weight, bias, mean, var, training, momentum, eps, cudnn_enabled=False):
    if mean is None:
        raise Unsupported("batch norm without running statistics")
    if not training:
        raise Unsupported("batch norm in eval mode while the module trains")
    if mean in g.running:
        raise Unsupported("two batch norms with the same running statistics")
    g.running.append(mean)
    weight = weight or g.filled(1, x.shape[1])
    bias = bias or g.filled(0, x.shape[1])
    return g.op("batch_norm", [x, weight, bias, mean, var], shape, {"momentum": number(momentum), "eps": number(eps)},
                types=[x])


@operator("layer_norm")
def _layer_norm(g, shape, x, normalized, weight=None, bias=None, eps=1e-5, cudnn_enable=True):
    axes = list(range(len(x.shape) - len(normalized), len(x.shape)))
    return g.scale_shift(g.normalize(x, axes, eps), weight, bias, tuple(normalized))


@operator("group_norm")
def _group_norm(g, shape, x, groups, weight=None, bias=None, eps=1e-5, cudnn_enabled=True):
    channels, rest = x.shape[1], x.shape[2:]
    split = g.reshape(x, (x.shape[0], groups, channels // groups, *rest))
    y = g.reshape(g.normalize(split, list(range(2, len(split.shape))), eps), x.shape)
    return g.scale_shift(y, weight, bias, (channels, *[1] * len(rest)))


@operator("instance_norm")
def _instance_norm(g, shape, x, weight, bias, mean, var, use_input_stats, momentum, eps, cudnn_enabled=False):
    if mean is not None:
        raise Unsupported("instance norm with running statistics")
    y = g.normalize(x, list(range(2, len(x.shape))), eps)
    return g.scale_shift(y, weight, bias, (x.shape[1], *[1] * len(x.shape[2:])))


@operator("dropout")
def _dropout(g, shape, x, p, train):
    return g.unary("dropout", x, p=number(p)) if p and train else x


@operator("feature_dropout")
def _feature_dropout(g, shape, x, p, train):
    return g.unary("dropout", x, p=number(p), whole_channels="true") if p and train else x


def _plain(torch_name: str, name: str):
    operators[torch_name] = lambda g, shape, x: g.unary(name, x)


for _name in ("relu", "relu6", "sigmoid", "tanh", "silu", "hardsigmoid", "hardswish", "mish", "abs", "exp", "log", "neg",
              "sqrt", "erf", "sign"):
    _plain(_name, _name)


@operator("rsqrt")
def _rsqrt(g, shape, x):
    return g.binary("div", g.constant(1), g.unary("sqrt", x))


@operator("square")
def _square(g, shape, x):
    return g.binary("mul", x, x)


@operator("gelu")
def _gelu(g, shape, x, approximate="none"):
    return g.unary("gelu", x, **({"approximate": '"tanh"'} if approximate == "tanh" else {}))


@operator("elu")
def _elu(g, shape, x, alpha=1, scale=1, input_scale=1):
    if scale != 1 or input_scale != 1:
        raise Unsupported("selu and scaled elu")
    return g.unary("elu", x, alpha=number(alpha))


@operator("leaky_relu")
def _leaky_relu(g, shape, x, slope=0.01):
    return g.unary("leaky_relu", x, negative_slope=number(slope))


@operator("softplus")
def _softplus(g, shape, x, beta=1, threshold=20):
    return g.unary("softplus", x, beta=number(beta), threshold=number(threshold))


@operator("prelu")
def _prelu(g, shape, x, weight):
    if weight.shape == (1,) and x.shape[1] != 1:
        raise Unsupported("prelu with one slope for all channels: nn.PReLU(channels) has one each")
    return g.op("prelu", [x, weight], shape)


@operator("hardtanh", "clamp")
def _clamp(g, shape, x, low=None, high=None):
    limits = {"min": low, "max": high}
    return g.unary("clamp", x, **{key: number(v) for key, v in limits.items() if v is not None})


operators["hardtanh"] = lambda g, shape, x, low=-1, high=1: _clamp(g, shape, x, low, high)


@operator("max_pool2d")
def _max_pool2d(g, shape, x, kernel, stride=(), padding=0, dilation=1, ceil_mode=False):
    attributes = {"kernel": ints(_pair(kernel)), "stride": ints(_pair(stride if stride else kernel)),
                  "padding": ints(_pair(padding)), "dilation": ints(_pair(dilation))}
    if ceil_mode:
        attributes["ceil_mode"] = "true"
    return g.op("max_pool2d", [x], shape, attributes)


@operator("avg_pool2d")
def _avg_pool2d(g, shape, x, kernel, stride=(), padding=0, ceil_mode=False, count_include_pad=True, divisor=None):
    if divisor is not None:
        raise Unsupported("divisor_override of an average pooling")
    attributes = {"kernel": ints(_pair(kernel)), "stride": ints(_pair(stride if stride else kernel)),
                  "padding": ints(_pair(padding)), "count_include_pad": str(bool(count_include_pad)).lower()}
    if ceil_mode:
        attributes["ceil_mode"] = "true"
    return g.op("avg_pool2d", [x], shape, attributes)


@operator("adaptive_avg_pool2d")
def _adaptive_avg_pool2d(g, shape, x, size):
    if tuple(shape[2:]) == (1, 1):
        return g.op("global_avg_pool", [x], shape)
    return g.op("adaptive_avg_pool2d", [x], shape, {"output_size": ints(shape[2:])})


@operator("adaptive_max_pool2d")
def _adaptive_max_pool2d(g, shape, x, size):
    if tuple(shape[2:]) != (1, 1):
        raise Unsupported("adaptive maximum pooling to more than one pixel")
    return _max_pool2d(g, shape, x, list(x.shape[2:]))


def _reduce(name: str):
    def reduce(g, shape, x, axes=None, keep=False, dtype=None):
        if axes is None or not isinstance(axes, (list, tuple, int)) or axes == []:
            raise Unsupported("a reduction over all dimensions mixes samples")
        axes = sorted(_axis(a, x) for a in (axes if isinstance(axes, (list, tuple)) else [axes]))
        if 0 in axes and x.shape[0] is None:
            raise Unsupported("a reduction over the batch mixes samples")
        if name == "reduce_mean" and keep and axes == [2, 3] and len(x.shape) == 4:
            return g.op("global_avg_pool", [x], shape)
        return g.op(name, [x], shape, {"axes": ints(axes), "keep_dims": str(bool(keep)).lower()})
    return reduce


operators["mean.dim"] = _reduce("reduce_mean")
operators["sum.dim_IntList"] = _reduce("reduce_sum")
operators["amax"] = _reduce("reduce_max")


@operator("flatten.using_ints", "view", "reshape", "unsqueeze", "squeeze.dim", "squeeze.dims", "squeeze", "_unsafe_view",
          "unflatten.int")
def _view(g, shape, x, *arguments):
    return g.reshape(x, shape)


@operator("contiguous", "clone", "alias", "lift_fresh_copy")
def _identity(g, shape, x, *arguments, **named):
    return x


@operator("detach")
def _detach(g, shape, x):
    if x not in g.arguments and x.name != "%unknown":
        raise Unsupported("a value without its gradient")
    return x


@operator("to.dtype")
def _to(g, shape, x, dtype, *arguments, **named):
    if x.dtype != "f32" or dtype not in (torch.float32, torch.float64):
        raise Unsupported(f"another type of elements ({dtype})")
    return x


@operator("permute")
def _permute(g, shape, x, order):
    order = [_axis(a, x) for a in order]
    if order[0] and x.shape[0] is None:
        raise Unsupported("the batch must stay the first dimension")
    return g.op("transpose", [x], shape, {"permutation": ints(order)})


@operator("transpose.int", "swapaxes")
def _transpose(g, shape, x, a, b):
    order = list(range(len(x.shape)))
    a, b = _axis(a, x), _axis(b, x)
    order[a], order[b] = b, a
    return _permute(g, shape, x, order)


@operator("t")
def _t(g, shape, x):
    return _permute(g, shape, x, [1, 0])


@operator("cat", "concat")
def _cat(g, shape, values, axis=0):
    axis = _axis(axis, values[0])
    if axis == 0 and values[0].shape[0] is None:
        raise Unsupported("cat along the batch mixes samples")
    return g.op("concat", list(values), shape, {"axis": f"{axis} : i64"})


def _sliced(g, x, axis, start, end, stride=1):
    size = x.shape[axis]
    start, end, stride = slice(start, end, stride).indices(size)
    if (start, end, stride) == (0, size, 1):
        return x
    shape = (*x.shape[:axis], len(range(start, end, stride)), *x.shape[axis + 1:])
    attributes = {"axes": ints([axis]), "starts": ints([start]), "ends": ints([end])}
    if stride != 1:
        attributes["strides"] = ints([stride])
    return g.op("slice", [x], shape, attributes)


@operator("slice.Tensor")
def _slice(g, shape, x, axis=0, start=None, end=None, step=1):
    axis = _axis(axis, x)
    if x.shape[axis] is None:
        if not start and step == 1 and (end is None or not isinstance(end, int) or end >= 2**62):
            return x
        raise Unsupported("a slice of the batch")
    return _sliced(g, x, axis, start, end, step)


@operator("select.int")
def _select(g, shape, x, axis, index):
    axis = _axis(axis, x)
    if x.shape[axis] is None:
        raise Unsupported("one sample of the batch")
    index = index + x.shape[axis] if index < 0 else index
    return g.reshape(_sliced(g, x, axis, index, index + 1), shape)


@operator("chunk")
def _chunk(g, shape, x, chunks, axis=0):
    axis = _axis(axis, x)
    return _split(g, shape, x, -(-x.shape[axis] // chunks), axis)


@operator("split.Tensor", "split_with_sizes", "split.sizes")
def _split(g, shape, x, sizes, axis=0):
    axis = _axis(axis, x)
    if x.shape[axis] is None:
        raise Unsupported("a split of the batch")
    total = x.shape[axis]
    sizes = [min(sizes, total - i) for i in range(0, total, sizes)] if isinstance(sizes, int) else sizes
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return [_sliced(g, x, axis, start, start + size) for start, size in zip(starts, sizes)]


@operator("unbind.int")
def _unbind(g, shape, x, axis=0):
    axis = _axis(axis, x)
    if x.shape[axis] is None:
        raise Unsupported("samples of the batch one by one")
    rest = x.shape[:axis] + x.shape[axis + 1:]
    return [g.reshape(_sliced(g, x, axis, i, i + 1), rest) for i in range(x.shape[axis])]


@operator("expand")
def _expand(g, shape, x, sizes, implicit=False):
    if x.shape == tuple(shape):
        return x
    if None in shape and None not in x.shape:
        raise Unsupported("a parameter repeated for each sample: add it, and it is broadcast")
    return g.op("broadcast", [x], shape, {"shape": ints([0 if s is None else s for s in shape])})


@operator("softmax.int")
def _softmax(g, shape, x, axis, dtype=None):
    return g.unary("softmax", x, axis=f"{_axis(axis, x)} : i64")


@operator("log_softmax.int")
def _log_softmax(g, shape, x, axis, dtype=None):
    return g.unary("log_softmax", x, axis=f"{_axis(axis, x)} : i64")


@operator("scaled_dot_product_attention")
def _attention(g, shape, q, k, v, mask=None, dropout=0.0, is_causal=False, scale=None, enable_gqa=False):
    if mask is not None or is_causal or dropout or enable_gqa:
        raise Unsupported("attention with a mask, dropout or grouped queries")
    factor = scale if scale is not None else q.shape[-1] ** -0.5
    scores = g.op("matmul", [g.binary("mul", q, g.constant(factor)), k], (*q.shape[:-1], k.shape[-2]),
                  {"transpose_rhs": "true"})
    return g.op("matmul", [g.unary("softmax", scores, axis=f"{len(scores.shape) - 1} : i64"), v], shape)


@operator("embedding")
def _embedding(g, shape, weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False):
    if padding_idx >= 0:
        raise Unsupported("padding_idx of an embedding")
    if scale_grad_by_freq:
        raise Unsupported("scale_grad_by_freq of an embedding")
    return g.op("embedding", [indices, weight], shape)


@operator("pad")
def _pad(g, shape, x, pads, mode="constant", value=None):
    if mode not in ("constant", "reflect", "replicate"):
        raise Unsupported(f"padding of the mode {mode!r}")
    count = len(pads) // 2
    axes = [len(x.shape) - 1 - i for i in range(count)]
    if any(p < 0 for p in pads):
        raise Unsupported("negative padding")
    return g.op("pad", [x], shape, {"axes": ints(axes), "low": ints(pads[0::2]), "high": ints(pads[1::2]),
                                    "mode": f'"{mode}"', "value": number(value or 0)})


@operator("constant_pad_nd")
def _constant_pad(g, shape, x, pads, value=0):
    return _pad(g, shape, x, pads, "constant", value)


@operator("upsample_nearest2d.vec")
def _nearest(g, shape, x, size=None, scales=None):
    if scales and any(s * e != int(s * e) for s, e in zip(scales, x.shape[2:])):
        raise Unsupported("nearest upsampling by a factor that gives no whole size")
    return g.op("resize2d", [x], shape, {"size": ints(shape[2:]), "mode": '"nearest"'})


@operator("upsample_bilinear2d.vec")
def _bilinear(g, shape, x, size=None, align_corners=False, scales=None):
    if scales and any(s * e != int(s * e) for s, e in zip(scales, x.shape[2:])):
        raise Unsupported("bilinear upsampling by a factor that gives no whole size")
    return g.op("resize2d", [x], shape, {"size": ints(shape[2:]), "mode": '"bilinear"',
                                         "align_corners": str(bool(align_corners)).lower()})


def _arithmetic(torch_name: str, name: str):
    def write(g, shape, a, b, alpha=1, rounding_mode=None):
        if rounding_mode:
            raise Unsupported("a rounded division")
        a, b = (v if isinstance(v, Value) else g.constant(v) for v in (a, b))
        if alpha != 1:
            b = g.binary("mul", b, g.constant(alpha))
        return g.binary(name, a, b)
    for overload in ("Tensor", "Scalar"):
        operators[f"{torch_name}.{overload}"] = write


for _name in ("add", "sub", "mul", "div"):
    _arithmetic(_name, _name)


@operator("rsub.Scalar")
def _rsub(g, shape, a, b, alpha=1):
    return g.binary("sub", g.constant(b), a)


@operator("pow.Tensor_Scalar", "pow.Tensor_Tensor")
def _pow(g, shape, a, b):
    return g.binary("pow", a, b if isinstance(b, Value) else g.constant(b))


@operator("maximum")
def _maximum(g, shape, a, b):
    return g.binary("maximum", a, b)


@operator("minimum")
def _minimum(g, shape, a, b):
    return g.binary("minimum", a, b)


# ---- From an exported program to text ----

def _operator_name(target: Any) -> str:
    """"conv2d" of aten.conv2d.default and aten.conv2d_.default."""
    name, _, overload = str(target).removeprefix("aten.").partition(".")
    name = name.removesuffix("_") if not name.startswith("_") else name
    return name if overload in ("default", "") else f"{name}.{overload}"


def _line(node: torch.fx.Node) -> str:
    trace = (node.meta.get("stack_trace") or "").strip().splitlines()
    places = [line.strip() for line in trace if line.strip().startswith("File ")]
    inside = os.path.dirname(torch.__file__)
    places = [place for place in places if inside not in place] or places  # the user's own line
    return places[-1].removeprefix("File ") if places else "an unknown line"


def _export(module: torch.nn.Module, inputs: tuple):
    # A batch of 1 would be taken for a constant.
    inputs = tuple(torch.cat([x, x]) if len(x) == 1 else x for x in inputs)
    batch = torch.export.Dim("batch", min=2)
    training = module.training
    if not training:
        module.train()  # with dropout and the statistics of batches; a module that trains says itself what does not
    try:
        return torch.export.export(module, inputs, dynamic_shapes=[{0: batch}] * len(inputs), strict=False)
    except Exception as error:  # whatever torch.export raises: its types are not promised
        raise GradmillError("torch_export", f"torch.export cannot trace the module: {error}") from error
    finally:
        if not training:
            module.eval()


def _shape(tensor: torch.Tensor) -> tuple:
    return tuple(size if isinstance(size, int) else None for size in tensor.shape)


def named_tensors(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Parameters and buffers. One that layers share is there under each of its names."""
    return {**dict(module.named_parameters(remove_duplicate=False)), **dict(module.named_buffers(remove_duplicate=False))}


def convert(module: torch.nn.Module, inputs: tuple) -> Converted:
    """The module's graph. Its inputs are batches; the size of the batch stays open.

    Raises GradmillError: torch_export (the module cannot be traced), unsupported (operators, all of them).
    """
    copied = copy.deepcopy(module)
    exported = _export(copied, inputs)
    signature = exported.graph_signature
    g, values, problems, state, counters = Graph(), {}, Counter(), [], []
    named = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    tensors, shared = named_tensors(copied), {}
    constants = dict(getattr(signature, "inputs_to_lifted_tensor_constants", {}))
    for node in exported.graph.nodes:
        if node.op == "placeholder":
            tensor = node.meta["val"]
            if node.name in named:
                name = named[node.name]
                if not tensor.is_floating_point():
                    counters.append(name)
                    continue
                if not node.users:
                    continue  # nothing reads it, so the model does not have it
                tensor_id = id(tensors[name])
                if tensor_id in shared:
                    values[node] = shared[tensor_id]
                    continue
                role = "buffer" if node.name in signature.inputs_to_buffers else None
                state.append(name)
                values[node] = shared[tensor_id] = g.parameter(name, tuple(tensor.shape), role)
            elif node.name in constants:
                problems[f"a tensor that the module makes itself ({constants[node.name]})"] += 1
                values[node] = _stand_in(node)
            else:
                dtype = "f32" if tensor.is_floating_point() else "i32"
                argument = Value(f"%arg{len(g.arguments)}", _shape(tensor), dtype)
                if argument.shape[:1] != (None,):
                    raise GradmillError("unsupported", f"the input {node.name} is no batch")
                g.arguments.append(argument)
                values[node] = argument
        elif node.op == "call_function":
            try:
                result = _convert_node(g, node, values)
            except Unsupported as error:
                problems[f"{_operator_name(node.target)}: {error}; at {_line(node)}"] += 1
                result = None
            if result is None:  # go on, to find the others
                result = _stand_in(node)
            values[node] = result
            if isinstance(result, _Unknown):
                problems[f"{result.operator}, at {_line(node)}"] += 1
                values[node] = _stand_in(node)
    if problems:
        listed = "\n".join(f"  {count}x {what}" for what, count in problems.items())
        raise GradmillError("unsupported", f"these operators of {type(module).__name__} cannot be converted:\n{listed}")
    outputs = [values[arg] for node in exported.graph.nodes if node.op == "output" for arg in node.args[0]
               if isinstance(arg, torch.fx.Node) and arg.name in signature.user_outputs]
    return Converted(_function(g, outputs), tuple(state), tuple(counters))


@dataclass(frozen=True)
class _Unknown:
    operator: str


def _stand_in(node: torch.fx.Node) -> Any:
    value = node.meta.get("val")
    if isinstance(value, torch.Tensor):
        return Value("%unknown", _shape(value))
    if isinstance(value, (list, tuple)):
        return [Value("%unknown", _shape(v)) if isinstance(v, torch.Tensor) else v for v in value]
    return value


def _convert_node(g: Graph, node: torch.fx.Node, values: dict) -> Any:
    """The value of the node; a number where it is one (the size of the batch); _Unknown."""
    result = node.meta.get("val")
    name = _operator_name(node.target)
    if name == "<built-in function getitem>":
        return values[node.args[0]][node.args[1]]
    if not isinstance(result, (torch.Tensor, list, tuple)):
        return result  # sizes, and arithmetic on them
    if isinstance(result, torch.Tensor) and not result.is_floating_point() and "embedding" not in name:
        source = values.get(node.args[0]) if node.args and isinstance(node.args[0], torch.fx.Node) else None
        if name in ("contiguous", "clone", "to.dtype", "view", "flatten.using_ints") and not (
                isinstance(source, Value) and source.dtype == "f32"):  # rounding is not the same
            return source
        return result if name == "add.Tensor" else _Unknown(name)  # a counter of batches
    function = operators.get(name)
    if not function:
        return _Unknown(name)
    take = lambda arg: torch.fx.node.map_arg(arg, lambda n: values[n])
    shape = _shape(result) if isinstance(result, torch.Tensor) else ()
    return function(g, shape, *[take(a) for a in node.args], **{key: take(a) for key, a in node.kwargs.items()})


def _function(g: Graph, outputs: list[Value]) -> str:
    names = ["input"] if len(g.arguments) == 1 else [f"input{i}" for i in range(len(g.arguments))]
    results = ["output"] if len(outputs) == 1 else [f"output{i}" for i in range(len(outputs))]
    arguments = ", ".join(f'{a.name}: {a.type} {{nn.name = "{name}"}}' for a, name in zip(g.arguments, names))
    types = ", ".join(f'{v.type} {{nn.name = "{name}"}}' for v, name in zip(outputs, results))
    body = "\n".join(f"  {line}" for line in g.lines)
    values = ", ".join(v.name for v in outputs)
    return (f"func.func @main({arguments}) -> ({types}) {{\n{body}\n"
            f"  return {values} : {', '.join(v.type for v in outputs)}\n}}\n")
