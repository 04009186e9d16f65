"""Compile neural-network graphs to native code and train them.

    import gradmill

    model = gradmill.compile("net.net", batch=128)     # a graph: .net, .mlir, .gmg, .json
    loss = model.train_step(images, labels, learning_rate=0.05)
    scores = model.infer(images)

`gradmill.torch.compile` does the same with a `torch.nn.Module`.
"""
from ._native import GradmillError, command
from .model import Model, Port, compile

__all__ = ["GradmillError", "Model", "Port", "command", "compile"]
__version__ = "0.1.0"
