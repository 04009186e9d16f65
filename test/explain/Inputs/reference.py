"""Made net.net, images.npy and reference.json beside this file, with PyTorch: a small net with fixed
weights, two pictures, and their maps by autograd and by the definitions of the papers.

usage: reference.py (needs torch and numpy; the tests need neither)"""
import json
import pathlib

import numpy
import torch
from torch.nn.functional import conv2d

HERE = pathlib.Path(__file__).resolve().parent
torch.manual_seed(7)


def draw(*shape):
    return (torch.randn(shape) * 0.6).mul(1000).round().div(1000)


w1, b1, w2, b2, w3, b3 = draw(3, 1, 3, 3), draw(3), draw(4, 3, 2, 2), draw(4), draw(3, 4, 1, 1), draw(3)
images = draw(2, 1, 8, 8)


def listed(tensor):
    return "[" + ", ".join(f"{v:.3f}" for v in tensor.flatten().tolist()) + "]"


(HERE / "net.net").write_text(f"""// Fixed weights; reference.py made them.
input image: [N, 1, 8, 8]
conv2d(3, 3, padding=1, weight_init={listed(w1)}, bias_init={listed(b1)}) | early: relu
conv2d(4, 2, weight_init={listed(w2)}, bias_init={listed(b2)}) | features: relu
global_avg_pool | head: conv2d(3, 1, weight_init={listed(w3)}, bias_init={listed(b3)}) | flatten | log_softmax
""")
numpy.save(HERE / "images.npy", images.numpy())


def run(image):
    early = conv2d(image, w1, b1, padding=1).relu()
    features = conv2d(early, w2, b2).relu()
    scores = conv2d(features.mean((2, 3), keepdim=True), w3, b3).flatten(1)
    return early, features, scores


def cam(layer, gradient):
    weights = gradient.mean((2, 3), keepdim=True)
    return (weights * layer).sum(1).relu()


def cam_plus_plus(layer, gradient):
    total = layer.sum((2, 3), keepdim=True)
    divisor = 2 * gradient**2 + total * gradient**3
    alpha = gradient**2 / torch.where(divisor != 0, divisor, torch.ones_like(divisor))
    weights = (alpha * gradient.relu()).sum((2, 3), keepdim=True)
    return (weights * layer).sum(1).relu()


def occlusion(image, label, patch):
    def likelihood(picture):
        return run(picture)[2].softmax(1)[0, label].item()

    size, stride, whole = image.shape[2], max(1, patch // 2), likelihood(image)
    corners = sorted({min(i, size - patch) for i in range(0, size, stride)})
    total, count = torch.zeros(size, size), torch.zeros(size, size)
    for y in corners:
        for x in corners:
            hidden = image.clone()
            hidden[:, :, y:y + patch, x:x + patch] = 0
            total[y:y + patch, x:x + patch] += whole - likelihood(hidden)
            count[y:y + patch, x:x + patch] += 1
    return (total / count).relu()


reference = []
for i in range(2):
    image = images[i:i + 1].clone().requires_grad_()
    early, features, scores = run(image)
    label = int(scores.argmax())
    of_image, of_early, of_features = torch.autograd.grad(scores[0, label], (image, early, features))
    maps = {"gradcam features": cam(features, of_features), "gradcam early": cam(early, of_early),
            "gradcam++ features": cam_plus_plus(features, of_features),
            "gradcam++ early": cam_plus_plus(early, of_early),
            "saliency ": of_image.abs().amax(1), "occlusion ": occlusion(images[i:i + 1], label, 3)}
    reference.append({"class": label, "likelihood": float(scores.softmax(1)[0, label]),
                      "maps": {name: [round(v, 7) for v in m.flatten().tolist()] for name, m in maps.items()}})
(HERE / "reference.json").write_text(json.dumps(reference, indent=0) + "\n")
