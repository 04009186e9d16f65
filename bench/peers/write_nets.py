#!/usr/bin/env python3
"""Writes the graphs that are benchmarked, as nn text.

    write_nets.py narrow|resnet8|resnet14      one of bench/nets on standard output
    write_nets.py plain:DEPTH,CHANNELS         a graph of the sweeps
    write_nets.py resnet18|vgg16|mobilenetv2[:SIZE]    known nets, for images of SIZE x SIZE: 32, or 224 with 1000 classes
    write_nets.py chain|residual|depthwise:LAYERS      equal layers, for the sweep of compile times

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

    def conv(self, x, filters, kernel=3, padding=0, stride=1, name=None, groups=1):
        self.layers += 1
        name = name or f"conv{self.layers}"
        cin, h, w = self.shapes[x]
        if self.lines:
            self.lines.append("")
        weights = self.parameter(f"{name}.weight", (filters, cin // groups, kernel, kernel))
        attributes = [f"{key} = array<i64: {value}, {value}>" for key, value, usual in
                      (("stride", stride, 1), ("padding", padding, 0)) if value != usual]
        if groups != 1:
            attributes.append(f"groups = {groups} : i64")
        braces = f" {{{', '.join(attributes)}}}" if attributes else ""
        types = f"{self.type_of(x)}, tensor<{filters}x{cin // groups}x{kernel}x{kernel}xf32>"
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

    def linear(self, x, features, name):
        weight = self.parameter(f"{name}.weight", (features, self.shapes[x][0]))
        bias = self.parameter(f"{name}.bias", (features,), "0.0 : f32")
        types = f"{self.type_of(x)}, tensor<{features}x{self.shapes[x][0]}xf32>, tensor<{features}xf32>"
        return self.op(f"nn.linear {x}, {weight} bias {bias}", (features,), types)

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
    """`depth` blocks of 3x3 convolutions on 16x16 pixels, for the cost of a multiply-add
    when only depth or width changes."""
    w = Writer([f"{depth} blocks of {channels} channels."], (1, 16, 16), MNIST)
    x = "%image"
    for _ in range(depth):
        x = block(w, x, channels, padding=1)
    return w.text(w.head(x))


def conv_norm_relu(w, x, filters, relu="relu", **how):
    return w.same(relu, w.norm(w.conv(x, filters, **how)))


def pool(w, x, attributes, padding=0, kernel=2):
    c, h, v = w.shapes[x]
    return w.shaped("max_pool2d", x, (c, *((n + 2 * padding - kernel) // 2 + 1 for n in (h, v))), attributes)


def resnet18(size=32):
    """He et al. 2015: 64, 128, 256, 512 channels, two residual blocks each."""
    w = Writer([f"ResNet-18 for 3x{size}x{size} images."], (3, size, size), CIFAR)
    if size >= 64:
        x = conv_norm_relu(w, "%image", 64, kernel=7, padding=3, stride=2)
        x = pool(w, x, " {kernel = array<i64: 3, 3>, stride = array<i64: 2, 2>, padding = array<i64: 1, 1>}", 1, 3)
    else:
        x = conv_norm_relu(w, "%image", 64, padding=1)
    for stage, filters in enumerate((64, 128, 256, 512)):
        for index in range(2):
            x = basic_block(w, x, filters, 2 if stage and not index else 1)
    return w.text(w.head(x, 1000 if size >= 64 else 10))


def basic_block(w, x, filters, stride=1):
    shortcut = x
    h = conv_norm_relu(w, x, filters, padding=1, stride=stride)
    h = w.norm(w.conv(h, filters, padding=1))
    if stride != 1:
        shortcut = w.norm(w.conv(x, filters, kernel=1, stride=stride))
    return w.same("relu", w.add(h, shortcut))


def vgg16(size=32):
    """Simonyan, Zisserman 2014, with batch norm; two hidden layers of 4096, or of 512 for small images."""
    w = Writer([f"VGG16 with batch norm for 3x{size}x{size} images."], (3, size, size), CIFAR)
    x = "%image"
    for filters, layers in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(layers):
            x = conv_norm_relu(w, x, filters, padding=1)
        x = pool(w, x, " {kernel = array<i64: 2, 2>}")
    c, h, v = w.shapes[x]
    x = w.shaped("flatten", x, (c * h * v,))
    hidden, classes = (4096, 1000) if size >= 64 else (512, 10)
    for name in ("fc1", "fc2"):
        x = w.same("dropout", w.same("relu", w.linear(x, hidden, name)), " {p = 0.5}")
    return w.text(w.same("log_softmax", w.linear(x, classes, "fc3")))


def mobilenetv2(size=32):
    """Sandler et al. 2018: inverted residuals. For small images the first three strides are 1."""
    w = Writer([f"MobileNetV2 for 3x{size}x{size} images."], (3, size, size), CIFAR)
    small = size < 64
    x = conv_norm_relu(w, "%image", 32, "relu6", padding=1, stride=1 if small else 2)
    for expansion, filters, count, stride in ((1, 16, 1, 1), (6, 24, 2, 1 if small else 2), (6, 32, 3, 2), (6, 64, 4, 2),
                                              (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for index in range(count):
            x = inverted_residual(w, x, filters, expansion, 1 if index else stride)
    x = conv_norm_relu(w, x, 1280, "relu6", kernel=1)
    return w.text(w.head(x, 10 if small else 1000))


def inverted_residual(w, x, filters, expansion, stride):
    inputs = w.shapes[x][0]
    h = x if expansion == 1 else conv_norm_relu(w, x, inputs * expansion, "relu6", kernel=1)
    h = conv_norm_relu(w, h, w.shapes[h][0], "relu6", padding=1, stride=stride, groups=w.shapes[h][0])
    h = w.norm(w.conv(h, filters, kernel=1))
    return w.add(h, x) if stride == 1 and inputs == filters else h


def layers(count, layer):
    """Equal layers of 16 channels on 16x16 pixels, after a first convolution, for the compile time of a layer."""
    w = Writer([f"{count} equal layers."], (3, 16, 16), CIFAR)
    x = conv_norm_relu(w, "%image", 16, padding=1)
    for _ in range(count):
        x = layer(w, x)
    return w.text(w.head(x))


SWEEPS = {
    "chain": lambda w, x: conv_norm_relu(w, x, 16, padding=1),
    "residual": lambda w, x: basic_block(w, x, 16),
    "depthwise": lambda w, x: inverted_residual(w, x, 16, 2, 1),
}
NETS = {"narrow": narrow, "resnet8": lambda: resnet(1), "resnet14": lambda: resnet(2)}
SIZED = {"resnet18": resnet18, "vgg16": vgg16, "mobilenetv2": mobilenetv2}


def write(name):
    if name.startswith("plain:"):
        return plain(*map(int, name[len("plain:"):].split(",")))
    kind, _, number = name.partition(":")
    if kind in SIZED:
        return SIZED[kind](int(number or 32))
    if kind in SWEEPS:
        return layers(int(number), SWEEPS[kind])
    return NETS[name]()


if __name__ == "__main__":
    try:
        sys.stdout.write(write(*sys.argv[1:]))
    except (KeyError, TypeError, ValueError):
        sys.exit(f"usage: write_nets.py {'|'.join(NETS)}|plain:DEPTH,CHANNELS|"
                 f"{'|'.join(SIZED)}[:SIZE]|{'|'.join(SWEEPS)}:LAYERS")
