"""Each net gives the same outputs as in PyTorch, and after 20 steps of SGD the same weights. usage: torch_nets.py [NET ...]"""
import copy
import sys

import torch
from torch.nn import functional as F

import gradmill.torch
from nets import NETS

BATCH, STEPS = 8, 20


def largest(a, b):
    return float((a - b).abs().max() / (b.abs().max() + 1e-3))


failed = []
for name in sys.argv[1:] or NETS:
    torch.manual_seed(1)
    ours = NETS[name]().train()
    theirs = copy.deepcopy(ours)
    images, labels = torch.randn(STEPS, BATCH, 3, 16, 16), torch.randint(0, 10, (STEPS, BATCH))
    log = name in ("lenet", "squeezenet")  # they end in log-probabilities
    options = dict(lr=0.01, momentum=0.9, weight_decay=1e-3)
    optimizer = torch.optim.SGD(ours.parameters(), **options)
    step = gradmill.torch.compile(ours, images[0], loss=torch.nn.NLLLoss() if log else torch.nn.CrossEntropyLoss(),
                                  optimizer=optimizer)
    reference = torch.optim.SGD(theirs.parameters(), **options)
    with torch.no_grad():
        expected = theirs.eval()(images[0])
        logits = largest(step.predict(images[0]), expected)
    theirs.train()
    losses = 0.0
    for x, y in zip(images, labels):
        loss = (F.nll_loss if log else F.cross_entropy)(theirs(x), y)
        reference.zero_grad()
        loss.backward()
        reference.step()
        losses = max(losses, abs(step(x, y) - loss.item()))
    weights = max(largest(a.float(), b.float()) for (_, a), (_, b) in zip(ours.state_dict().items(), theirs.state_dict().items()))
    theirs.load_state_dict(ours.state_dict())  # plain PyTorch takes it
    after = largest(step.predict(images[0]), theirs.eval()(images[0]).detach())
    good = logits < 1e-5 and losses < 1e-3 and weights < 2e-3 and after < 1e-5
    print(f"{name:14} {'ok' if good else 'WRONG'}  logits {logits:.1e}, losses {losses:.1e}, weights {weights:.1e}, after {after:.1e}")
    failed += [] if good else [name]
print(f"{len(failed)} wrong")
