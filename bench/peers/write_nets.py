#!/usr/bin/env python3
"""Writes the graphs that are benchmarked, as nn text.

    write_nets.py narrow|resnet8|resnet14      one of bench/nets on standard output
    write_nets.py plain:DEPTH,CHANNELS         a graph of the sweeps

bench/nets/*.mlir were written by this; a test holds them against it. A graph, not
this script, is what is measured: the peers read it, and any other graph of these
ops can be given to bench/peers/run --graphs.
"""

import sys


class Writer:
    """Appends ops to @main; a value is its name, with its [C, H, W] remembered."""

    def __init__(self, comment, shape, statistics):
        self.lines, self.shapes, self.count, self.layers = [], {"%image": shape}, 0, 0
        self.comment, self.statistics = comment, statistics

    def type_of(self, value):
        return "tensor<" + "x".join(["?", *map(str, self.shapes[value]), "f32"]) + ">"

    def op(self, text, shape, types=None):
        self.count += 1
        name = f"%{self.count}"
        self.shapes[name] = shape
        self.lines.append(f"  {name} = {text} : {types or self.type_of(name)}")
        return name

    def parameter(self, name, shape, init=None, buffer=False):
        attributes = (['role = "buffer"'] if buffer else []) + ([f"init = {init}"] if init else [])
        braces = f" {{{', '.join(attributes)}}}" if attributes else ""
        value = "%" + name.replace(".", "_")
        self.lines.append(f'  {value} = nn.parameter "{name}"{braces} : '
                          f'tensor<{"x".join(map(str, shape))}xf32>')
        return value

    def conv(self, x, filters, kernel=3, padding=0, stride=1, name=None):
        self.layers += 1
        name = name or f"conv{self.layers}"
        cin, h, w = self.shapes[x]
        if self.lines:
            self.lines.append("")
        weights = self.parameter(f"{name}.weight", (filters, cin, kernel, kernel))
        attributes = [f"{key} = array<i64: {value}, {value}>" for key, value, usual in
                      (("stride", stride, 1), ("padding", padding, 0)) if value != usual]
        braces = f" {{{', '.join(attributes)}}}" if attributes else ""
        types = f"{self.type_of(x)}, tensor<{filters}x{cin}x{kernel}x{kernel}xf32>"
        shape = (filters, *((size + 2 * padding - kernel) // stride + 1 for size in (h, w)))
        return self.op(f"nn.conv2d {x}, {weights}{braces}", shape, types)

    def norm(self, x):
        size = self.shapes[x][:1]
        name = f"norm{self.layers}"
        tensors = [self.parameter(f"{name}.weight", size, "1.0 : f32"),
                   self.parameter(f"{name}.bias", size, "0.0 : f32"),
                   self.parameter(f"{name}.running_mean", size, "0.0 : f32", True),
                   self.parameter(f"{name}.running_var", size, "1.0 : f32", True)]
        return self.op(f"nn.batch_norm {', '.join([x, *tensors])}", self.shapes[x])

    def same(self, op, x, attributes=""):
        return self.op(f"nn.{op} {x}{attributes}", self.shapes[x], self.type_of(x))

    def add(self, a, b):
        return self.op(f"nn.add {a}, {b}", self.shapes[a])

    def shaped(self, op, x, shape, attributes=""):
        return self.op(f"nn.{op} {x}{attributes}", shape, self.type_of(x))

    def head(self, x, classes=10):
        """Mean over the image, one 1x1 filter per class, log-probabilities."""
        pooled = self.shaped("global_avg_pool", x, (self.shapes[x][0], 1, 1))
        logits = self.conv(pooled, classes, kernel=1, name="head")
        return self.same("log_softmax", self.shaped("flatten", logits, (classes,)))

    def text(self, output):
        mean, std = (", ".join(map(str, values)) for values in self.statistics)
        head = (f'func.func @main(%image: {self.type_of("%image")} {{nn.name = "image", '
                f"nn.mean = [{mean}], nn.std = [{std}]}})\n"
                f'    -> ({self.type_of(output)} {{nn.name = "output"}}) {{')
        comment = "".join(f"// {line}\n" for line in self.comment)
        return (comment + head + "\n" + "\n".join(self.lines)
                + f"\n  return {output} : {self.type_of(output)}\n}}\n")


MNIST = ([0.1307], [0.3081])
CIFAR = ([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616])


def block(w, x, filters, padding=0):
    x = w.norm(w.same("relu", w.conv(x, filters, padding=padding)))
    return w.same("dropout", x, " {p = 0.1}")


def narrow():
    """1 -> 10 -> 16 -> 10 -> 16 -> 16 -> 16 -> 10: 8,046 parameters."""
    w = Writer(["1 -> 10 -> 16 -> 10 -> 16 -> 16 -> 16 -> 10 channels, the channel counts that no",
                "vector divides. A block is conv -> ReLU -> batch norm -> dropout; the transition",
                "and the head are bare."], (1, 28, 28), MNIST)
    x = block(w, block(w, "%image", 10), 16)
    x = w.conv(x, 10, kernel=1, name="transition")
    c, h, v = w.shapes[x]
    x = w.shaped("max_pool2d", x, (c, h // 2, v // 2), " {kernel = array<i64: 2, 2>}")
    for _ in range(3):
        x = block(w, x, 16)
    return w.text(w.head(x))


def resnet(blocks):
    """16, 32, 64 channels, `blocks` residual blocks each: 6 * blocks + 2 layers."""
    w = Writer([f"ResNet-{6 * blocks + 2} for 3x32x32 images: stages of 16, 32 and 64 channels. A residual",
                "block is conv, norm, ReLU, conv, norm, plus its input; a stage that halves the",
                "image takes its input through a 1x1 convolution of stride 2. Fully convolutional."],
               (3, 32, 32), CIFAR)
    x = w.same("relu", w.norm(w.conv("%image", 16, padding=1)))
    for stage, filters in enumerate((16, 32, 64)):
        for index in range(blocks):
            stride = 2 if stage > 0 and index == 0 else 1
            shortcut = x
            h = w.same("relu", w.norm(w.conv(x, filters, padding=1, stride=stride)))
            h = w.norm(w.conv(h, filters, padding=1))
            if stride != 1:
                shortcut = w.norm(w.conv(x, filters, kernel=1, stride=stride))
            x = w.same("relu", w.add(h, shortcut))
    return w.text(w.head(x))


def plain(depth, channels):
    """`depth` blocks of 3x3 convolutions on 16x16 pixels: what a multiply-add costs
    when nothing but depth or width changes."""
    w = Writer([f"{depth} blocks of {channels} channels."], (1, 16, 16), MNIST)
    x = "%image"
    for _ in range(depth):
        x = block(w, x, channels, padding=1)
    return w.text(w.head(x))


NETS = {"narrow": narrow, "resnet8": lambda: resnet(1), "resnet14": lambda: resnet(2)}


def write(name):
    if name.startswith("plain:"):
        return plain(*map(int, name[len("plain:"):].split(",")))
    return NETS[name]()


if __name__ == "__main__":
    try:
        sys.stdout.write(write(*sys.argv[1:]))
    except (KeyError, TypeError, ValueError):
        sys.exit(f"usage: write_nets.py {'|'.join(NETS)}|plain:DEPTH,CHANNELS")
