"""Checks parameters (and fields) of the zoo's nets that are known from elsewhere: counts.py FOLDER"""
import json
import subprocess
import sys

# From the papers' published models, as torchvision counts them, and by hand for the others.
PARAMETERS = {"vgg16": 138_357_544, "resnet18": 11_689_512, "mobilenet-v2": 3_504_872, "squeezenet": 1_235_496,
              "cifar-resnet18": 11_173_962, "cifar-residual": 6_573_130, "step1-first": 6_379_786}
LIMITS = {"cifar-batch-norm": (50_000, 0), "cifar-layer-norm": (50_000, 0), "cifar-group-norm": (50_000, 0),
          "cifar-strides": (200_000, 45), "cifar-dilation": (200_000, 45)}  # fewer parameters than, field at least


def summary(folder, net):
    command = ["gradmill", "summary", f"{folder}/{net}.net", "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


folder = sys.argv[1]
for net, parameters in PARAMETERS.items():
    found = summary(folder, net)["parameters"]
    assert found == parameters, f"{net}: {found} parameters, expected {parameters}"
for net, (limit, least) in LIMITS.items():
    report = summary(folder, net)
    field = max(op["receptive_field"][0] for op in report["ops"] if op["jump"] and all(op["jump"]))
    assert report["parameters"] < limit, f"{net}: {report['parameters']} parameters, the limit is {limit}"
    assert field >= least, f"{net}: a field of {field}, expected at least {least}"
    assert not any("pool2d" in op["op"] for op in report["ops"]) or not least, f"{net}: has a pooling"
print(len(PARAMETERS) + len(LIMITS), "nets hold")
