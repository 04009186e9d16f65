"""PyTorch: eager NCHW, eager channels-last, torch.compile, frozen TorchScript."""

import operator

import worker
from worker import Absent, BATCH, MODE, THREADS, VARIANT


def module_of(graph, nn, fx):
    """The graph as a module: fx writes the straight-line forward() that a person
    would, so that tracing and torch.compile see ordinary code."""
    root, code, values = nn.Module(), fx.Graph(), {}
    values["image"] = code.placeholder("image")

    def layer(n):
        a = n.attributes
        channels = graph.shape_of(n.inputs[0])[0]
        if n.op == "conv2d":
            filters, _, kh, kw = graph.parameters[n.tensors["filter"]]
            return nn.Conv2d(channels, filters, (kh, kw), stride=a["stride"], padding=a["padding"],
                             dilation=a["dilation"], groups=a["groups"], bias=False)
        if n.op == "batch_norm":
            return nn.BatchNorm2d(channels, eps=a["eps"], momentum=a["momentum"])
        if n.op == "relu":
            return nn.ReLU(inplace=graph.overwritable(n.inputs[0]))
        if n.op == "dropout":
            return nn.Dropout(a["p"])
        if n.op == "max_pool2d":
            return nn.MaxPool2d(a["kernel"], a["stride"], a["padding"], a["dilation"])
        return {"global_avg_pool": lambda: nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten,
                "log_softmax": lambda: nn.LogSoftmax(1)}[n.op]()

    for n in graph.nodes:
        if n.op == "add":
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
        from torch import fx, nn
    except ImportError as error:
        raise Absent(f"PyTorch: {error}")
    import graph as description

    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    kind = VARIANT.split("-")[0]
    channels_last = VARIANT.endswith("channels_last")
    if kind == "compile" and not hasattr(torch, "compile"):
        raise Absent(f"PyTorch {torch.__version__} has no torch.compile")

    graph = worker.graph()
    model = module_of(graph, nn, fx)
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
