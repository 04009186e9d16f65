"""The net that every peer runs: the 13,808-parameter one of examples/mnist.

A block is conv -> ReLU -> batch norm -> dropout; a bare convolution stands
alone. No bias. The loss is NLL of the log-softmax; the step is SGD with
momentum.
"""

from collections import namedtuple

Conv = namedtuple("Conv", "cin cout kernel padding block")
POOL = "max-pool 2"

NET = [
    Conv(1, 16, 3, 0, True),    # [N, 1, 28, 28] -> [N, 16, 26, 26]
    Conv(16, 32, 3, 0, True),   # -> [N, 32, 24, 24]
    Conv(32, 10, 1, 0, False),  # -> [N, 10, 24, 24]
    POOL,                       # -> [N, 10, 12, 12]
    Conv(10, 16, 3, 0, True),   # -> [N, 16, 10, 10]
    Conv(16, 16, 3, 0, True),   # -> [N, 16, 8, 8]
    Conv(16, 16, 3, 0, True),   # -> [N, 16, 6, 6]
    Conv(16, 16, 3, 1, True),   # -> [N, 16, 6, 6]
]  # then global average pool -> [N, 16], and:
HEAD = Conv(16, 10, 1, 0, False)  # -> [N, 10], log-softmax
CLASSES = 10
SIZE = 28
DROPOUT = 0.1
BN_EPS = 1e-5
BN_MOMENTUM = 0.1
LR = 0.01
MOMENTUM = 0.9


def parameters():
    convs = [l for l in NET if l != POOL] + [HEAD]
    return sum(c.cin * c.cout * c.kernel ** 2 + (2 * c.cout if c.block else 0) for c in convs)


def conv_macs():
    """Multiply-accumulates of the convolutions for one image: (infer, train).

    Training does each three times (forward, with respect to the weights, with
    respect to the input), but the first has no gradient of its input.
    """
    size, macs = SIZE, []
    for layer in NET:
        if layer == POOL:
            size //= 2
            continue
        size += 2 * layer.padding - layer.kernel + 1
        macs.append(size ** 2 * layer.cin * layer.cout * layer.kernel ** 2)
    macs.append(HEAD.cin * HEAD.cout)
    return sum(macs), 3 * sum(macs) - macs[0]
