"""PyTorch: eager NCHW, eager channels-last, torch.compile, frozen TorchScript."""

import operator

import worker
from worker import Absent, BATCH, MODE, THREADS, VARIANT

# Ops as functions of tensors, beside those that are layers.
FUNCTIONS = {"add", "mul", "weighted_sum", "matmul", "reshape", "transpose", "concat", "softmax", "gelu",
             "normalize", "reduce_mean"}
MORE = FUNCTIONS | {"linear", "conv_transpose2d"}


def function_of(n, torch):
    """The node as a function of its inputs, as a person would write it."""
    a, functional = n.attributes, torch.nn.functional
    if n.op == "weighted_sum" and len(n.inputs) == 1:
        return lambda code, x: code.call_function(operator.mul, (x, a["weights"][0]))
    if n.op == "mul":
        return lambda code, x, y: code.call_function(operator.mul, (x, y))
    if n.op == "matmul":
        def matmul(code, x, y):
            if a["transpose_lhs"]:
                x = code.call_method("transpose", (x, -1, -2))
            if a["transpose_rhs"]:
                y = code.call_method("transpose", (y, -1, -2))
            return code.call_function(torch.matmul, (x, y))
        return matmul
    if n.op == "reshape":
        return lambda code, x: code.call_method("reshape", (x, -1, *n.shape))
    if n.op == "transpose":
        return lambda code, x: code.call_method("permute", (x, *a["permutation"]))
    if n.op == "concat":
        return lambda code, *x: code.call_function(torch.cat, (x, a["axis"]))
    if n.op == "softmax":
        return lambda code, x: code.call_function(torch.softmax, (x, a["axis"]))
    if n.op == "gelu":
        return lambda code, x: code.call_function(functional.gelu, (x,), {"approximate": a["approximate"]})
    if n.op == "normalize" and a["axes"] in ((-1,), (len(n.shape),)):
        return lambda code, x: code.call_function(functional.layer_norm, (x, (n.shape[-1],), None, None, a["eps"]))
    if n.op == "reduce_mean":
        return lambda code, x: code.call_method("mean", (x, a["axes"], a["keep_dims"]))
    raise Absent(f"no form for {n.op} with {a}")


def module_of(graph, torch):
    """The graph as a module: fx writes the straight-line forward() that a person
    would, so that tracing and torch.compile see ordinary code."""
    nn, fx = torch.nn, torch.fx
    root, code, values = nn.Module(), fx.Graph(), {}
    values["image"] = code.placeholder("image")

    def value(name):
        if name not in values:  # a parameter that an op reads like data
            attribute = name.replace(".", "_")
            root.register_parameter(attribute, nn.Parameter(torch.randn(graph.parameters[name])))
            values[name] = code.get_attr(attribute)
        return values[name]

    def layer(n):
        a = n.attributes
        channels = graph.shape_of(n.inputs[0])[0]
        if n.op == "conv2d":
            filters, _, kh, kw = graph.parameters[n.tensors["filter"]]
            return nn.Conv2d(channels, filters, (kh, kw), stride=a["stride"], padding=a["padding"],
                             dilation=a["dilation"], groups=a["groups"], bias="bias" in n.tensors)
        if n.op == "conv_transpose2d":
            _, per_group, kh, kw = graph.parameters[n.tensors["filter"]]
            return nn.ConvTranspose2d(channels, per_group * a["groups"], (kh, kw), a["stride"], a["padding"],
                                      a["output_padding"], a["groups"], "bias" in n.tensors, a["dilation"])
        if n.op == "linear":
            outputs, inputs = graph.parameters[n.tensors["weight"]]
            return nn.Linear(inputs, outputs, bias="bias" in n.tensors)
        if n.op == "batch_norm":
            return nn.BatchNorm2d(channels, eps=a["eps"], momentum=a["momentum"])
        if n.op == "relu":
            return nn.ReLU(inplace=graph.overwritable(n.inputs[0]))
        if n.op == "dropout":
            return nn.Dropout(a["p"])
        if n.op == "max_pool2d":
            return nn.MaxPool2d(a["kernel"], a["stride"], a["padding"], a["dilation"])
        return {"global_avg_pool": lambda: nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten,
                "log_softmax": lambda: nn.LogSoftmax(n.attributes["axis"])}[n.op]()

    for n in graph.nodes:
        if n.op in FUNCTIONS and (n.op != "add" or any(i in graph.parameters for i in n.inputs)):
            form = function_of(n, torch) if n.op != "add" else (
                lambda code, x, y: code.call_function(operator.add, (x, y)))
            values[n.name] = form(code, *map(value, n.inputs))
        elif n.op == "add":
            left, right = n.inputs
            if not graph.overwritable(left) and graph.overwritable(right):
                left, right = right, left
            add = operator.iadd if graph.overwritable(left) else operator.add
            values[n.name] = code.call_function(add, (values[left], values[right]))
        else:
            root.add_module(n.name, layer(n))
            values[n.name] = code.call_module(n.name, (values[n.inputs[0]],))
    code.output(values[graph.nodes[-1].name])
    return fx.GraphModule(root, code)


def setup():
    try:
        import torch
        import torch.fx
        from torch import nn
    except ImportError as error:
        raise Absent(f"PyTorch: {error}")
    import graph as description

    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    kind = VARIANT.split("-")[0]
    channels_last = VARIANT.endswith("channels_last")
    if kind == "compile" and not hasattr(torch, "compile"):
        raise Absent(f"PyTorch {torch.__version__} has no torch.compile")

    graph = worker.graph(MORE)
    model = module_of(graph, torch)
    assert sum(p.numel() for p in model.parameters()) == graph.parameter_count()
    x = torch.randn(BATCH, *graph.input_shape)
    y = torch.randint(graph.classes, (BATCH,))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)

    if MODE == "infer":
        model.eval()
        if kind == "jit":
            with torch.no_grad():
                model = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, x)))
        elif kind == "compile":
            import torch._inductor.config as inductor
            inductor.freezing = True  # weights are constants: packed for oneDNN once
            model = torch.compile(model)

        def infer():
            with torch.inference_mode():
                return model(x)
        return torch.__version__, infer

    loss_of = nn.functional.nll_loss
    if kind == "jit":
        # Scripted, not traced: a trace would keep the batch norm's and dropout's mode
        # of one call.
        model = torch.jit.script(model)

    def forward():
        return loss_of(model(x), y)
    if kind == "compile":
        forward = torch.compile(forward)
    options = {"lr": description.LR, "momentum": description.MOMENTUM}
    try:  # one kernel for all parameters, where this version has it for the CPU
        optimizer = torch.optim.SGD(model.parameters(), fused=True, **options)
    except (TypeError, RuntimeError):
        optimizer = torch.optim.SGD(model.parameters(), **options)

    def train():
        optimizer.zero_grad(set_to_none=True)
        forward().backward()
        optimizer.step()
    return torch.__version__, train


worker.serve(setup)
