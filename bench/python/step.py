#!/usr/bin/env python3
"""A training step from Python: PyTorch's loop, and the same loop with gradmill.torch.compile.

    PYTHONPATH=python python3 bench/python/step.py [--threads 2] [--rounds 5] [--seconds 1]

The first net is that of PyTorch's MNIST example (two convolutions, dropout, linear 9216-128); the loop is its train()
function. The others are usual small nets. Both libraries take turns; the ratio is that of the medians. Needs NumPy and
PyTorch 2.6 or later.
"""
import argparse
import copy
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

import gradmill.torch


class Example(nn.Module):
    """The net of PyTorch's MNIST example."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3, 1), nn.Conv2d(32, 64, 3, 1)
        self.dropout1, self.dropout2 = nn.Dropout(0.25), nn.Dropout(0.5)
        self.fc1, self.fc2 = nn.Linear(9216, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = torch.flatten(self.dropout1(x), 1)
        return F.log_softmax(self.fc2(self.dropout2(F.relu(self.fc1(x)))), dim=1)


def small():
    """Five convolutions with batch norm, 28x28."""
    layers, channels = [], 1
    for width, stride in ((8, 1), (16, 2), (16, 1), (32, 2), (32, 1)):
        layers += [nn.Conv2d(channels, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10), nn.LogSoftmax(1))


def perceptron():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10), nn.LogSoftmax(1))


NETS = {"PyTorch's MNIST example": Example, "five convolutions": small, "784-256-10": perceptron}


def speed(step, seconds):
    """Steps a second."""
    end, count, start = time.perf_counter() + seconds, 0, time.perf_counter()
    while time.perf_counter() < end:
        step()
        count += 1
    return count / (time.perf_counter() - start)


def measure(make, batch, arguments):
    torch.manual_seed(1)
    ours = make().train()
    theirs = copy.deepcopy(ours)
    images, labels = torch.randn(batch, 1, 28, 28), torch.randint(0, 10, (batch,))
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.01, momentum=0.9)
    compiled = gradmill.torch.compile(ours, images, loss="nll_loss", optimizer="sgd:momentum=0.9", learning_rate=0.01,
                                      threads=arguments.threads)

    def eager():
        optimizer.zero_grad()
        F.nll_loss(theirs(images), labels).backward()
        optimizer.step()

    rounds = []
    for _ in range(arguments.rounds + 1):  # the first one warms up
        rounds.append((speed(eager, arguments.seconds), speed(lambda: compiled(images, labels), arguments.seconds)))
    return [statistics.median(column) * batch for column in zip(*rounds[1:])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"PyTorch {torch.__version__}, {arguments.threads} threads, samples a second in training\n")
    print("| net | batch | PyTorch | Gradmill | ratio |\n|---|---:|---:|---:|---:|")
    for name, make in NETS.items():
        for batch in (64, 8):
            eager, compiled = measure(make, batch, arguments)
            print(f"| {name} | {batch} | {eager:,.0f} | {compiled:,.0f} | {compiled / eager:.1f} |", flush=True)


if __name__ == "__main__":
    main()
