"""PyTorch's losses and optimizers as options of the compiler."""
from __future__ import annotations

from typing import Any, Optional

import torch

from .._native import GradmillError


def _refuse(what: str, option: str, value: Any) -> None:
    raise GradmillError("unsupported", f"{what} with {option}={value!r} has no counterpart")


def _text(name: str, options: dict[str, Any]) -> str:
    def number(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else repr(value)
    return name + (":" + ",".join(f"{key}={number(value)}" for key, value in options.items()) if options else "")


def loss_option(loss: Any) -> Optional[str]:
    """"cross_entropy:label_smoothing=0.1" of torch.nn.CrossEntropyLoss(label_smoothing=0.1)."""
    if loss is None or isinstance(loss, str):
        return loss
    kind = type(loss)
    if getattr(loss, "reduction", "mean") != "mean":
        _refuse(kind.__name__, "reduction", loss.reduction)
    options: dict[str, Any] = {}
    if kind in (torch.nn.CrossEntropyLoss, torch.nn.NLLLoss):
        if loss.weight is not None:
            return _text("cross_entropy" if kind is torch.nn.CrossEntropyLoss else "nll_loss",
                         {}) + ":class_weights=" + ":".join(repr(float(w)) for w in loss.weight)
        if getattr(loss, "label_smoothing", 0):
            options["label_smoothing"] = loss.label_smoothing
        if loss.ignore_index >= 0:
            options["ignore_index"] = loss.ignore_index
        return _text("cross_entropy" if kind is torch.nn.CrossEntropyLoss else "nll_loss", options)
    if kind is torch.nn.BCEWithLogitsLoss:
        if loss.weight is not None:
            _refuse(kind.__name__, "weight", loss.weight)
        if loss.pos_weight is not None:
            return "bce_with_logits:pos_weight=" + ":".join(repr(float(w)) for w in loss.pos_weight.reshape(-1))
        return "bce_with_logits"
    simple = {torch.nn.MSELoss: "mse", torch.nn.L1Loss: "l1"}
    if kind in simple:
        return simple[kind]
    if kind is torch.nn.HuberLoss:
        return _text("huber", {"delta": loss.delta})
    if kind is torch.nn.SmoothL1Loss:
        return _text("smooth_l1", {"beta": loss.beta})
    raise GradmillError("unsupported", f"the loss {kind.__name__} has no counterpart; `gradmill plugins` lists those that "
                        "there are, and a graph may have a loss of its own")


def optimizer_option(optimizer: Any) -> str:
    """"sgd:momentum=0.9,weight_decay=0.0005" of a torch.optim optimizer."""
    if isinstance(optimizer, str):
        return optimizer
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise GradmillError("unsupported", f"optimizer is a {type(optimizer).__name__}; expected a name with options, or a "
                            "torch.optim optimizer")
    if len(optimizer.param_groups) != 1:
        raise GradmillError("unsupported", f"the optimizer has {len(optimizer.param_groups)} parameter groups; one is expected")
    group, kind = optimizer.param_groups[0], type(optimizer)
    for option in ("maximize", "amsgrad"):
        if group.get(option):
            _refuse(kind.__name__, option, True)
    if kind is torch.optim.SGD:
        if group["dampening"]:
            _refuse("SGD", "dampening", group["dampening"])
        options = {"momentum": float(group["momentum"]), "weight_decay": float(group["weight_decay"])}
        if group["nesterov"]:
            options["nesterov"] = True
        return _text("sgd", options)
    if kind in (torch.optim.Adam, torch.optim.AdamW):
        if kind is torch.optim.Adam and group.get("decoupled_weight_decay") and group["weight_decay"]:
            return _adam("adamw", group)
        return _adam("adam" if kind is torch.optim.Adam else "adamw", group)
    raise GradmillError("unsupported", f"the optimizer {kind.__name__} has no counterpart; there are SGD, Adam and AdamW")


def _adam(name: str, group: dict[str, Any]) -> str:
    beta1, beta2 = group["betas"]
    return _text(name, {"beta1": beta1, "beta2": beta2, "eps": group["eps"], "weight_decay": group["weight_decay"]})
