"""What gradmill.torch refuses, and what people do with optimizers, schedulers and frozen layers."""
import copy

import torch
from torch import nn
from torch.nn import functional as F

import gradmill
import gradmill.torch


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        x = torch.sort(x.flatten(1), dim=1).values
        tokens = x.reshape(-1, 1, 4, 4)
        return self.head(F.scaled_dot_product_attention(tokens, tokens, tokens, is_causal=True).flatten(1))


class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        return self.head(x.flatten(1) - x.flatten(1).mean(0))


def refused(what, call):
    try:
        call()
    except gradmill.GradmillError as error:
        print(f"{what}: {error}")
    else:
        print(what, "was accepted")


def net():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(16, 4))


torch.manual_seed(1)
example = torch.randn(8, 1, 4, 4)
refused("operators", lambda: gradmill.torch.compile(Odd(), example, loss="cross_entropy"))
module = net()
refused("a group", lambda: gradmill.torch.compile(module, example, optimizer=torch.optim.SGD(
    [{"params": module[0].parameters()}, {"params": module[4].parameters()}], lr=0.1)))
refused("another loss", lambda: gradmill.torch.compile(module, example, loss=nn.CTCLoss()))
refused("dampening", lambda: gradmill.torch.compile(module, example, loss="cross_entropy", optimizer=torch.optim.SGD(
    module.parameters(), lr=0.1, momentum=0.9, dampening=0.5)))
refused("twice the rate", lambda: gradmill.torch.compile(module, example, loss="cross_entropy", learning_rate=0.1,
                                                         optimizer=torch.optim.SGD(module.parameters(), lr=0.1)))
refused("double", lambda: gradmill.torch.compile(net().double(), example.double(), loss="cross_entropy"))
refused("mixed samples", lambda: gradmill.torch.compile(Mixed(), example, loss="cross_entropy"))
refused("an optimizer of another module", lambda: gradmill.torch.compile(
    net(), example, loss="cross_entropy", optimizer=torch.optim.SGD(net().parameters(), lr=0.1)))
used = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
F.cross_entropy(module(example), torch.zeros(8, dtype=torch.long)).backward()
used.step()
module.zero_grad()
refused("a used optimizer", lambda: gradmill.torch.compile(module, example, loss="cross_entropy", optimizer=used))


class Layer(nn.Module):
    """A convolution with something behind it."""

    def __init__(self, behind):
        super().__init__()
        self.conv, self.norm, self.behind = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), behind

    def forward(self, x):
        return self.behind(self, self.conv(x)).flatten(1)


for what, behind in {
    "a norm in eval mode": lambda m, y: F.batch_norm(y, m.norm.running_mean, m.norm.running_var, training=False),
    "a norm twice": lambda m, y: m.norm(m.norm(y)),
    "no gradient": lambda m, y: y * y.detach(),
    "whole numbers": lambda m, y: y + y.int().float(),
    "half": lambda m, y: y.half().float(),
    "the size of the batch": lambda m, y: y / y.size(0),
    "a tensor inside": lambda m, y: torch.where(y > 0, y, torch.tensor(0.5)),
    "a factor": lambda m, y: F.interpolate(y, scale_factor=1.7, mode="nearest"),
    "another eval mode": lambda m, y: y if m.training else 2 * y,
}.items():
    refused(what, lambda: gradmill.torch.compile(Layer(behind), example, loss="mse"))
refused("scaled gradients", lambda: gradmill.torch.compile(
    nn.Sequential(nn.Embedding(9, 4, scale_grad_by_freq=True)), torch.randint(0, 9, (8, 3)), loss="mse"))
refused("dropout that is off", lambda: gradmill.torch.compile(
    Layer(lambda m, y: F.dropout(y, 0.5, training=False)), example, loss="mse"))
refused("no tensor", lambda: gradmill.torch.compile(net(), example.numpy(), loss="cross_entropy"))
moving = net()
moved_step = gradmill.torch.compile(moving, example, loss="cross_entropy")
moving.double()
refused("another type later", lambda: moved_step(example, torch.zeros(8, dtype=torch.long)))

# A scheduler's rate of 0 leaves the weights as they are.
optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: float(epoch == 0))
module[4].weight.requires_grad_(False)
step = gradmill.torch.compile(module, example, loss="cross_entropy", optimizer=optimizer)
labels = torch.randint(0, 4, (8,))
frozen, before = module[4].weight.clone(), module[0].weight.clone()
step(example, labels)
moved = not torch.equal(before, module[0].weight)
optimizer.step()
schedule.step()
before = module[0].weight.clone()
step(example, labels)
print("scheduler:", moved and torch.equal(before, module[0].weight))
print("frozen:", torch.equal(frozen, module[4].weight))

# A smaller last batch continues with the same state.
step.learning_rate = 0.1
step(example[:3], labels[:3])
after = module[0].weight.clone()
step(example, labels)
print("last batch:", not torch.equal(before, after) and not torch.equal(after, module[0].weight))
print("counter:", module[1].num_batches_tracked.item())

# What the optimizer does not have stays, as in PyTorch.
head = net()
body = head[0].weight.clone()
gradmill.torch.compile(head, example, loss="cross_entropy", optimizer=torch.optim.SGD(head[4].parameters(), lr=0.1))(
    example, labels)
print("the head alone:", torch.equal(body, head[0].weight))


class Tied(nn.Module):
    """Two layers with one weight, and a layer that is not used."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.unused = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)
        self.two.weight = self.one.weight

    def forward(self, x):
        return self.two(torch.tanh(self.one(x)))


tied = Tied()
judge = copy.deepcopy(tied)
rows, targets = torch.randn(8, 4), torch.randn(8, 4)
step = gradmill.torch.compile(tied, rows, loss="mse", optimizer=torch.optim.SGD(tied.parameters(), lr=0.1))
judging = torch.optim.SGD(judge.parameters(), lr=0.1)
for _ in range(5):
    step(rows, targets)
    judging.zero_grad()
    F.mse_loss(judge(rows), targets).backward()
    judging.step()
print("tied:", all(torch.allclose(a, b, atol=1e-5) for a, b in zip(tied.parameters(), judge.parameters())))
