#!/usr/bin/env python3
"""Convolutions over a grid of shapes, as functions for gradmill-numeric.

    grid.py fast|wide [--part I/N] [--times N]   functions on stdout, the same ones at every run

Every function holds compiled kernels against the naive references. There are two kinds:

  lanes     the three kernels of training (forward, backward-data, backward-weights). The
            filter is a parameter that is assigned, which is what makes it a training step and
            keeps the batch in the lanes. Something is fused behind both tile kernels: a ReLU,
            dropout's mask (whose tiles are aligned), or sums per channel. With a ReLU or sums,
            what backward-weights reads are formulas, computed by its kernel where it can.
  channels  forward alone, as in inference. For batches that no vector divides, channels are in
            the lanes; for 8 images where the compiler's cost model says so.

With --times, batches of several images are N times as large: for vectors N times as wide.

A name says all of a case: lanes_n13_c3_f17_k3x1_i9x7_s2x1_p1x0_d1x2_g1_relu_f32.

Cases that are known to be special are listed. The rest is drawn, by a generator with a
fixed seed, from values that are multiples of nothing in particular.
"""
import random
import sys
from collections import namedtuple

Case = namedtuple("Case", "kind n c f k i s p d g tail t")


def case(kind, n, c, f, k, i, s=(1, 1), p=(0, 0), d=(1, 1), g=1, tail="plain", t="f32"):
    return Case(kind, n, c, f, k, i, s, p, d, g, tail, t)


def paddings(case):
    """Of rows and of columns, both sides together. Four are top, left, bottom, right."""
    return case.p[0] + case.p[-2], case.p[1] + case.p[-1]


def out_size(case):
    return tuple((i + p - d * (k - 1) - 1) // s + 1
                 for i, p, d, k, s in zip(case.i, paddings(case), case.d, case.k, case.s))


def valid(case):
    return (case.c % case.g == 0 and case.f % case.g == 0 and min(out_size(case)) >= 1 and
            all(i + p >= d * (k - 1) + 1
                for i, p, d, k in zip(case.i, paddings(case), case.d, case.k)))


# What needs a loop, a clip or a phase of its own somewhere.
SPECIAL = [
    # kernels of one row, of one column, of one pixel
    dict(c=3, f=5, k=(1, 5), i=(4, 11)),
    dict(c=5, f=3, k=(5, 1), i=(11, 4), p=(2, 0)),
    dict(c=7, f=10, k=(1, 1), i=(5, 3)),
    dict(c=4, f=3, k=(1, 1), i=(7, 6), s=(2, 3), p=(1, 2)),
    dict(c=2, f=9, k=(1, 7), i=(2, 9), p=(0, 3), s=(1, 2)),
    # strides above the kernel: pixels that no tap reads
    dict(c=3, f=4, k=(2, 2), i=(11, 8), s=(3, 3)),
    dict(c=2, f=5, k=(1, 2), i=(7, 13), s=(4, 5)),
    dict(c=5, f=6, k=(2, 3), i=(9, 9), s=(5, 4), p=(1, 2)),
    # one stride longer than the image
    dict(c=2, f=3, k=(3, 3), i=(4, 3), s=(7, 6)),
    # padding beyond the kernel: outputs that see nothing but padding
    dict(c=2, f=3, k=(2, 2), i=(4, 3), p=(3, 3)),
    dict(c=3, f=7, k=(3, 3), i=(3, 2), p=(4, 5), s=(2, 3)),
    dict(c=4, f=2, k=(1, 1), i=(3, 3), p=(2, 1)),
    # dilation, with strides that share a factor with it and that do not
    dict(c=3, f=5, k=(3, 3), i=(9, 11), d=(2, 3)),
    dict(c=3, f=4, k=(3, 2), i=(13, 11), d=(2, 3), s=(2, 2), p=(2, 1)),
    dict(c=2, f=6, k=(3, 3), i=(14, 15), d=(4, 2), s=(6, 3), p=(3, 4)),
    dict(c=2, f=3, k=(4, 3), i=(17, 9), d=(3, 2), s=(3, 4), p=(1, 2)),
    # a kernel as large as the image, and one that only padding makes fit
    dict(c=5, f=4, k=(5, 7), i=(5, 7)),
    dict(c=3, f=2, k=(7, 7), i=(3, 4), p=(3, 2)),
    # depthwise, with several filters a channel, and groups
    dict(c=7, f=7, k=(3, 3), i=(6, 5), p=(1, 1), g=7),
    dict(c=5, f=10, k=(3, 2), i=(6, 5), g=5),
    dict(c=17, f=17, k=(3, 3), i=(5, 6), s=(2, 2), p=(1, 1), g=17),
    dict(c=6, f=4, k=(3, 3), i=(7, 6), g=2),
    dict(c=9, f=15, k=(1, 1), i=(4, 5), g=3),
    dict(c=8, f=16, k=(3, 3), i=(7, 7), s=(2, 1), p=(1, 2), d=(1, 2), g=4),
    dict(c=33, f=11, k=(2, 3), i=(4, 5), p=(1, 1), g=11),
    # channels around every tile
    dict(c=1, f=16, k=(3, 3), i=(10, 10)),
    dict(c=16, f=32, k=(3, 3), i=(5, 6)),
    dict(c=32, f=10, k=(1, 1), i=(4, 7)),
    dict(c=10, f=16, k=(3, 3), i=(6, 6), p=(1, 1)),
    dict(c=33, f=1, k=(3, 3), i=(4, 5), p=(1, 1)),
    dict(c=1, f=1, k=(1, 1), i=(1, 1)),
    dict(c=13, f=31, k=(2, 2), i=(3, 14)),
    # padding of one side, or more of one side than of the other
    dict(c=3, f=5, k=(3, 3), i=(6, 7), p=(0, 0, 1, 2)),
    dict(c=5, f=17, k=(3, 3), i=(8, 8), p=(1, 0, 0, 1)),
    dict(c=4, f=6, k=(3, 3), i=(8, 9), s=(2, 2), p=(0, 0, 1, 1)),
    dict(c=4, f=3, k=(1, 1), i=(5, 4), p=(0, 0, 2, 1)),
    dict(c=3, f=4, k=(2, 3), i=(7, 5), s=(3, 2), p=(2, 0, 0, 3), d=(1, 2)),
]

LANES_BATCHES = (8, 16, 24, 13, 3, 4)
CHANNELS_BATCHES = (1, 3)
TAILS = ("plain", "relu", "dropout", "sums")


def special(fast):
    for at, shape in enumerate(SPECIAL):
        # The fast tier takes each shape once, with another batch and tail each time.
        batches = LANES_BATCHES[at % 6:at % 6 + 1] if fast else (8, 13, 24)
        for turn, n in enumerate(batches):
            yield case("lanes", n, tail=TAILS[(at // 6 + at + turn) % 4], **shape)
        if not fast or at % 4 == 0:
            yield case("channels", CHANNELS_BATCHES[at % 2], tail=TAILS[at % 2], **shape)
        if not fast or shape["c"] * shape["f"] > 300:
            yield case("channels", 8, tail=TAILS[at % 2], **shape)
    for shape in SPECIAL[4::16] if fast else SPECIAL:
        yield case("lanes", 16, tail="sums", t="f64", **shape)


def drawn(count, seed):
    source = random.Random(seed)

    def pair(values):
        return source.choice(values), source.choice(values)

    while count:
        kind = source.choice(("lanes", "lanes", "channels"))
        g = source.choice((1, 1, 1, 2, 3))
        c, f = (g * source.randint(1, 33 // g) for _ in range(2))
        if source.random() < 0.1:
            g, f = c, c * source.choice((1, 2))
        drawing = case(kind, source.choice(LANES_BATCHES if kind == "lanes" else CHANNELS_BATCHES),
                       c, f, pair(range(1, 8)), pair(range(1, 15)), pair((1, 1, 1, 2, 3, 4)),
                       pair((0, 0, 1, 1, 2, 3, 5)), pair((1, 1, 1, 2, 3)), g,
                       source.choice(TAILS), source.choice(("f32", "f32", "f32", "f64")))
        # Interpreting the reference takes longer than anything else.
        work = drawing.n * c // g * f * drawing.k[0] * drawing.k[1]
        if valid(drawing) and work * out_size(drawing)[0] * out_size(drawing)[1] < 4_000_000:
            yield drawing
            count -= 1


def by(numbers):
    return "x".join(map(str, numbers))


def name(x):
    return (f"{x.kind}_n{x.n}_c{x.c}_f{x.f}_k{by(x.k)}_i{by(x.i)}_s{by(x.s)}_p{by(x.p)}"
            f"_d{by(x.d)}_g{x.g}_{x.tail}_{x.t}")


def attributes(x, **more):
    """Those that differ from the defaults, and `more`."""
    def numbers(key, values):
        return f"{key} = array<i64: {', '.join(map(str, values))}>"

    parts = [numbers(key, value) for key, value in more.items()]
    for key, value, default in (("dilation", x.d, (1, 1)), ("padding", x.p, (0, 0)),
                                ("stride", x.s, (1, 1))):
        if value != default:
            parts.append(numbers(key, value))
    if x.g != 1:
        parts.append(f"groups = {x.g} : i64")
    return " {" + ", ".join(parts) + "}" if parts else ""


class Writer:
    def __init__(self, x):
        self.x, self.lines, self.results = x, [], []

    def op(self, text):
        self.lines.append("  " + text)

    def tail(self, value, type, channels):
        """Ops behind `value`, which take part in its kernel; the names are made from its."""
        x = self.x
        if x.tail == "relu":
            self.op(f"{value}_r = nn.relu {value} : {type}")
            value += "_r"
        elif x.tail == "dropout":
            self.op(f"{value}_o, {value}_m = nn.dropout_train {value}, %seed, %step "
                    f"{{p = 0.3, stream = 1 : i64}} : {type}")
            value += "_o"
        elif x.tail == "sums":
            vector = f"tensor<{channels}x{x.t}>"
            self.op(f"{value}_c = nn.constant dense<0.5> : {vector}")
            self.op(f"{value}_s:4 = nn.batch_stats {value}, {value}_c, {value}_c "
                    f"{{eps = 1.0e-2, momentum = 0.1}} : {type}")
            self.results += [(f"{value}_s#0", vector), (f"{value}_s#1", vector)]
        self.results.append((value, type))

    def function(self):
        x, tensor = self.x, lambda *shape: f"tensor<{'x'.join(map(str, shape))}x{self.x.t}>"
        image, filter = tensor(x.n, x.c, *x.i), tensor(x.f, x.c // x.g, *x.k)
        output, bias = tensor(x.n, x.f, *out_size(x)), tensor(x.f)
        arguments = [f"%x: {image}", f"%b: {bias}"]
        if x.kind == "lanes":
            arguments.append(f"%dy: {output}")
        else:
            arguments.append(f"%w: {filter}")
        if x.tail == "dropout":
            arguments += ["%seed: tensor<i64>", "%step: tensor<i64>"]
        if x.kind == "lanes":
            self.op(f'%w = nn.parameter "w" : {filter}')
        self.op(f"%y = nn.conv2d %x, %w bias %b{attributes(x)} : {image}, {filter}, {bias}")
        self.tail("%y", output, x.f)
        if x.kind == "lanes":
            self.op(f"%dx = nn.conv2d_backward_data %dy, %w{attributes(x, input_size=x.i)} : "
                    f"{output}, {filter}")
            self.tail("%dx", image, x.c)
            read = "%x, %dy"
            if x.tail in ("relu", "sums"):
                vector = tensor(x.c)
                self.op(f"%fc = nn.constant dense<0.75> : {vector}")
                self.op(f"%fx = nn.channel_affine %x, %fc, %fc : {image}, {vector}, {vector}")
                self.op(f"%fdy = nn.channel_affine %dy, %b, %b : {output}, {bias}, {bias}")
                read = "%fx, %fdy"
            self.op(f"%dw = nn.conv2d_backward_weights {read}"
                    f"{attributes(x, kernel_size=x.k)} : {image}, {output}")
            self.op(f'nn.assign "w", %dw : {filter}')
        types = ", ".join(type for _, type in self.results)
        self.op("return " + ", ".join(value for value, _ in self.results) + f" : {types}")
        return "\n".join([f"func.func @{name(x)}({', '.join(arguments)}) -> ({types}) {{",
                          *self.lines, "}"])


def main(arguments):
    tier = arguments[0] if arguments else ""
    if tier not in ("fast", "wide"):
        sys.exit(__doc__)
    part, parts = 0, 1
    if "--part" in arguments:
        part, parts = map(int, arguments[arguments.index("--part") + 1].split("/"))
    cases = [*special(tier == "fast"), *drawn(4 if tier == "fast" else 180, seed=1)]
    times = int(arguments[arguments.index("--times") + 1]) if "--times" in arguments else 1
    cases = [x._replace(n=x.n * times) if x.n > max(CHANNELS_BATCHES) else x for x in cases]
    seen = set()
    for at, x in enumerate(cases):
        if at % parts == part and name(x) not in seen:
            assert valid(x), name(x)
            seen.add(name(x))
            print(Writer(x).function() + "\n")
    print(f"// {len(seen)} functions", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
