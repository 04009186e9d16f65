"""gradmill.Model on NumPy arrays: a net learns, memory is shared, and what does not fit is refused."""
import copy
import gc
import sys

import numpy as np

import gradmill

net, regression = sys.argv[1:]
model = gradmill.compile(net, batch=32)
print(model)
rng = np.random.default_rng(0)


def draw(count):
    labels = rng.integers(0, 2, count)
    pictures = rng.random((count, 1, 16, 16), np.float32) - np.float32(0.5)
    for picture, label in zip(pictures, labels):
        picture[0, :, 8 * label:8 * label + 8] += 1
    return pictures, labels


for step in range(40):
    loss = model.train_step(*draw(32), learning_rate=0.05)
print("loss below 0.1:", loss < 0.1)

# Any number of samples, and the same for each whatever stands beside it.
pictures, labels = draw(75)
scores = model.infer(pictures)
print("shape", scores.shape, "right", float((scores.argmax(1) == labels).mean()))
print("parts agree:", np.array_equal(scores[40:], model.infer(picture=pictures[40:])))
print("none:", model.infer(pictures[:0]).shape)

# Tensors are the model's memory, and keep it alive.
tensors = model.tensors()
tensors["head.weight"][:] = 0
tensors["head.bias"][:] = 0
print("uniform:", np.allclose(model.infer(pictures), np.log(0.5)))
model.init(3)
other = gradmill.compile(net, batch=32)
other.init(3)
print("same seed:", all(np.array_equal(a, other.tensors()[name]) for name, a in model.tensors().items()))
bias = model.tensors()["head.bias"]
model.save("weights.safetensors")
before = bias.copy()
del model, tensors
gc.collect()
print("alive:", np.array_equal(bias, before))
other.init(4)
other.load("weights.safetensors")
print("loaded:", np.array_equal(other.tensors()["head.bias"], before))


def refused(what, call):
    try:
        call()
    except gradmill.GradmillError as error:
        print(f"{what}: {error}".splitlines()[0])
    else:
        print(what, "was accepted")


refused("a missing target", lambda: other.train_step(pictures[:32], learning_rate=0.1))
refused("too many", lambda: other.infer(pictures, pictures))
refused("a wrong name", lambda: other.infer(image=pictures))
refused("a wrong shape", lambda: other.infer(pictures[:, :, :8]))
refused("a wrong type", lambda: other.infer(pictures.astype(complex)))
refused("a large label", lambda: other.train_step(pictures[:32], np.full(32, 2**40), learning_rate=0.1))
refused("an unknown class", lambda: other.train_step(pictures[:32], np.full(32, 7), learning_rate=0.1))
refused("a part of a batch", lambda: other.train_step(pictures[:5], labels[:5], learning_rate=0.1))
refused("an unknown entry", lambda: other.run("loose"))
refused("a result in another order", lambda: other.run("infer", picture=np.asfortranarray(pictures[:32])))
refused("bytes", lambda: other.infer((pictures * 255).astype(np.uint8)))
refused("no rate", lambda: other.train_step(pictures[:32], labels[:32], learning_rate=None))
refused("half a step", lambda: other.train_step(pictures[:32], labels[:32], learning_rate=0.1, step=1.5))
refused("a seed below 0", lambda: other.init(-1))
refused("a path with a byte of 0", lambda: other.save("a\0b"))
unwritable = np.empty((32, 2), np.float32)
unwritable.flags.writeable = False
result = next(port.name for port in other.ports.values() if port.role == "prediction")
refused("a read-only result", lambda: other.run("infer", picture=pictures[:32], **{result: unwritable}))
try:
    copy.copy(other)
except TypeError as error:
    print("a copy:", error)
refused("no graph", lambda: gradmill.compile("absent.net"))
refused("an option", lambda: gradmill.compile(net, optimizer="sgd:momentun=0.9"))
refused("no model", lambda: gradmill.Model("absent.so"))
refused("inference only", lambda: gradmill.compile(net, batch=32, train=False).train_step(
    pictures[:32], labels[:32], learning_rate=0.1))

# Two inputs, by name.
two = gradmill.compile(regression, batch=16, loss="mse")
print("ports", [port.name for port in two.ports.values() if port.role in ("data", "target")])
