"""PyTorch: eager NCHW, eager channels-last, torch.compile, frozen TorchScript."""

import worker
from worker import Absent, BATCH, MODE, THREADS, VARIANT


def setup():
    try:
        import torch
    except ImportError as error:
        raise Absent(f"PyTorch: {error}")
    import net
    from torch import nn

    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    kind = VARIANT.split("-")[0]
    channels_last = VARIANT.endswith("channels_last")
    if kind == "jit" and MODE == "train":
        raise Absent("frozen TorchScript is for inference")
    if kind == "compile" and not hasattr(torch, "compile"):
        raise Absent(f"PyTorch {torch.__version__} has no torch.compile")

    def conv(c):
        layers = [nn.Conv2d(c.cin, c.cout, c.kernel, padding=c.padding, bias=False)]
        if c.block:
            layers += [nn.ReLU(inplace=True),
                       nn.BatchNorm2d(c.cout, eps=net.BN_EPS, momentum=net.BN_MOMENTUM),
                       nn.Dropout(net.DROPOUT)]
        return layers

    layers = []
    for layer in net.NET:
        layers += [nn.MaxPool2d(2)] if layer == net.POOL else conv(layer)
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), *conv(net.HEAD),
                          nn.Flatten(), nn.LogSoftmax(1))
    assert sum(p.numel() for p in model.parameters()) == net.parameters()
    x = torch.randn(BATCH, 1, net.SIZE, net.SIZE)
    y = torch.randint(net.CLASSES, (BATCH,))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)

    if MODE == "infer":
        model.eval()
        if kind == "jit":
            with torch.no_grad():
                model = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, x)))
        elif kind == "compile":
            model = torch.compile(model)

        def infer():
            with torch.inference_mode():
                return model(x)
        return torch.__version__, infer

    loss_of = nn.functional.nll_loss

    def forward():
        return loss_of(model(x), y)
    if kind == "compile":
        forward = torch.compile(forward)
    options = {"lr": net.LR, "momentum": net.MOMENTUM}
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
