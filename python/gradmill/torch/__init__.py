"""Train a `torch.nn.Module` with Gradmill.

    step = gradmill.torch.compile(module, example, loss="cross_entropy", optimizer=optimizer)
    for images, labels in loader:
        loss = step(images, labels)

The module's parameters and buffers become the compiled model's memory: nothing is copied back, `module(x)` and
`module.state_dict()` see each step. A learning-rate scheduler of the optimizer counts, too.
"""
from __future__ import annotations

import os
import tempfile
from typing import Any, Optional, Union

import numpy as np
import torch

from .. import model as _model
from .._native import GradmillError
from .convert import Converted, convert, named_tensors
from .options import loss_option, optimizer_option

__all__ = ["Converted", "Step", "compile", "convert"]


class Step:
    """The compiled training step of a module."""

    def __init__(self, module: torch.nn.Module, converted: Converted, batch: int, loss: Optional[str], optimizer: str,
                 source: Optional[torch.optim.Optimizer], lr: float, seed: int, threads: int, cpu: str):
        self.module, self.converted, self.batch, self.seed = module, converted, batch, seed
        self._loss, self._optimizer, self._source, self._threads, self._cpu = loss, optimizer, source, threads, cpu
        self._lr, self._steps = lr, 0
        self._models: dict[int, _model.Model] = {}
        self.model = self._models[batch] = self._compile(batch)
        self._adopt()

    @property
    def learning_rate(self) -> float:
        """Of the next step: the optimizer's, if there is one."""
        return self._source.param_groups[0]["lr"] if self._source else self._lr

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if self._source:
            self._source.param_groups[0]["lr"] = value
        self._lr = value

    def _compile(self, batch: int) -> _model.Model:
        owned = {id(p) for p in self._source.param_groups[0]["params"]} if self._source else None
        frozen = [f"{name}:lr=0" for name, value in self.module.named_parameters(remove_duplicate=False)
                  if name in self.converted.state
                  and not (value.requires_grad and (owned is None or id(value) in owned))]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, f"{type(self.module).__name__.lower()}.mlir")
            with open(path, "w") as file:
                file.write(self.converted.text)
            return _model.compile(path, batch=batch, loss=self._loss, optimizer=self._optimizer, groups=frozen,
                                  threads=self._threads, cpu=self._cpu)

    def _adopt(self) -> None:
        """From now on the module's tensors lie in the model's memory."""
        tensors = self.model.tensors()
        ours = named_tensors(self.module)
        with torch.no_grad():
            for name in self.converted.state:
                memory = torch.from_numpy(tensors[name])
                memory.copy_(ours[name].detach())
                ours[name].data = memory
        self._addresses = {name: ours[name].data_ptr() for name in self.converted.state}

    def _check_shared(self) -> None:
        for name, address in self._addresses.items():
            if _tensor(self.module, name).data_ptr() != address:
                raise GradmillError("module", f"{name} has moved to other memory since the module was compiled, as by "
                                    ".double(), .half() or .to(); compile the module again")

    def _model_for(self, batch: int) -> _model.Model:
        # Another batch is other code: it works on a copy of the state.
        if batch not in self._models:
            self._models[batch] = self._compile(batch)
        return self._models[batch]

    def __call__(self, *arrays: Union[torch.Tensor, np.ndarray]) -> float:
        """One optimizer step on one batch: inputs, then targets. Returns the mean loss before the step."""
        self._check_shared()
        values = [_array(a) for a in arrays]
        model = self._model_for(len(values[0]))
        if model is not self.model:
            _copy_state(self.model, model)
        loss = model.train_step(*values, learning_rate=self.learning_rate, seed=self.seed, step=self._steps)
        if model is not self.model:
            _copy_state(model, self.model)
        self._steps += 1
        for name in self.converted.counters:
            _tensor(self.module, name).add_(1)
        return loss

    def predict(self, *arrays: Union[torch.Tensor, np.ndarray]) -> Any:
        """What the module in eval() mode gives, as torch tensors, for any number of samples."""
        self._check_shared()
        result = self.model.infer(*(_array(a) for a in arrays))
        if isinstance(result, dict):
            return {name: torch.from_numpy(array) for name, array in result.items()}
        return torch.from_numpy(result)


def _array(value: Union[torch.Tensor, np.ndarray]) -> np.ndarray:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def _copy_state(source: _model.Model, target: _model.Model) -> None:
    tensors = target.tensors()
    for name, array in source.tensors().items():
        np.copyto(tensors[name], array)


def _tensor(module: torch.nn.Module, name: str) -> torch.Tensor:
    owner, _, last = name.rpartition(".")
    return getattr(module.get_submodule(owner), last)


def _check_optimizer(module: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    ours = {id(p) for p in module.parameters()}
    if any(id(p) not in ours for group in optimizer.param_groups for p in group["params"]):
        raise GradmillError("optimizer", "the optimizer has parameters that the module does not have; "
                            "make it of module.parameters()")
    if any(isinstance(value, torch.Tensor) and value.dim() for state in optimizer.state.values()
           for value in state.values()):
        raise GradmillError("optimizer", "the optimizer has a state of earlier steps, which would be lost; make a new one")


def compile(module: torch.nn.Module, example: Any, *, loss: Any = None, optimizer: Any = "sgd",
            learning_rate: Optional[float] = None, seed: int = 1, threads: int = 0, cpu: str = "native") -> Step:
    """Compiles the whole training step of `module`: forward, backward, optimizer.

    example: a batch of inputs (a tensor, or a tuple of them); its size is the batch that is compiled first.
    loss: a loss of Gradmill ("cross_entropy", "mse", ...) or a `torch.nn` loss module; None: what fits the output.
    optimizer: an update rule ("sgd:momentum=0.9", "adamw:weight_decay=0.01") or a `torch.optim` optimizer of the
      module's parameters, whose options and learning rate are taken. Parameters that it does not have are not updated.
      Several parameter groups are refused, and so is a state of earlier steps.
    Raises GradmillError; what cannot be converted is listed with the lines of Python that it comes from.
    """
    inputs = example if isinstance(example, (tuple, list)) else (example,)
    source = optimizer if isinstance(optimizer, torch.optim.Optimizer) else None
    if learning_rate is not None and source:
        raise GradmillError("learning_rate", "the optimizer says the learning rate; leave learning_rate out")
    if not isinstance(module, torch.nn.Module) or not all(
            isinstance(x, torch.Tensor) and x.dim() > 0 for x in inputs):
        raise GradmillError("example", "expected a torch.nn.Module and a batch of its inputs: a tensor, or a tuple of tensors")
    if source:
        _check_optimizer(module, source)
    tensors = [*module.parameters(), *module.buffers()]
    if any(t.device.type != "cpu" or (t.is_floating_point() and t.dtype != torch.float32) for t in tensors):
        raise GradmillError("module", "the module's tensors must be float32 on the CPU: module.cpu().float()")
    converted = convert(module, tuple(inputs))
    step = Step(module, converted, len(inputs[0]), loss_option(loss), optimizer_option(optimizer), source,
                0.05 if learning_rate is None else learning_rate, seed, threads, cpu)
    _check_predictions(step, tuple(inputs))
    return step


def _check_predictions(step: Step, inputs: tuple) -> None:
    """The module was traced as it trains. One that does something else in eval mode is refused."""
    modes = {part: part.training for part in step.module.modules()}
    step.module.eval()
    try:
        with torch.no_grad():
            expected = step.module(*inputs)
    finally:
        for part, training in modes.items():
            part.training = training
    found = step.predict(*inputs)
    found = list(found.values()) if isinstance(found, dict) else [found]
    expected = list(expected) if isinstance(expected, (tuple, list)) else [expected]
    for ours, theirs in zip(found, expected):
        if isinstance(theirs, torch.Tensor) and theirs.isfinite().all() and theirs.numel():
            distance, scale = (ours - theirs).abs().max().item(), max(1.0, theirs.abs().max().item())
            if not distance <= 1e-3 * scale:
                raise GradmillError("predictions", f"in eval mode the module gives numbers that are {distance:.3g} away from "
                                    "the compiled model's: it does something else in eval mode, or is not deterministic")
