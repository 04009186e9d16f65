"""Nets and logs with the rules whose advice they get, all of it, in the current folder."""
import json
import subprocess
import sys

IMAGE = "input image: [N, 1, 28, 28] mean=0.1307 std=0.3081\n"
END = "conv2d(10, 1) | global_avg_pool | flatten | log_softmax"
SMALL = IMAGE + "conv2d(8, 3) | relu | " + END
NETS = [
    (SMALL, [], []),
    # A norm of the graph's own is as good as mean and std; features are no picture.
    ("input image: [N, 1, 28, 28]\nbatch_norm | conv2d(8, 3) | relu | " + END, [], []),
    ("input x: [N, 12]\nlinear(8) | relu | linear(3) | log_softmax", [], []),
    # What stands behind the last layer: in front of softmax, and without one.
    (IMAGE + "conv2d(8, 3) | relu | conv2d(10, 26) | batch_norm | flatten | log_softmax", [], ["after_last_layer", "bias_before_norm"]),
    (IMAGE + "conv2d(8, 3) | relu | conv2d(10, 26) | flatten | dropout(0.1) | log_softmax", [], ["after_last_layer"]),
    (IMAGE + "conv2d(8, 3) | relu | conv2d(10, 26) | relu | dropout(0.1) | flatten | log_softmax", [], ["after_last_layer"] * 2),
    (IMAGE + "conv2d(8, 3, padding=1) | relu | conv2d(8, 3, padding=1) | sigmoid", ["--loss", "mse"], []),
    # Global pooling is the end of a net; another one there is not, through a sum, too.
    (IMAGE + "conv2d(8, 3) | relu | avg_pool2d(2) | relu | " + END, [], ["pool_near_output"]),
    (IMAGE + "conv2d(8, 3) | max_pool2d(2) | (conv2d(8, 1) | relu) + it | max_pool2d(2) | conv2d(8, 3) | relu | " + END, [],
     ["pool_near_pool"]),
    (IMAGE + "conv2d(8, 3) | adaptive_avg_pool2d(1) | conv2d(10, 1) | flatten | log_softmax", [], []),
    (IMAGE + "conv2d(8, 3) | relu | conv2d(10, 1) | reduce_mean([2, 3]) | log_softmax", [], []),
    # Through formulas and dropout to the linear layer; a flattened single pixel is none.
    (IMAGE + "conv2d(16, 3, stride=2) | relu | flatten | dropout(0.2) | linear(10) | log_softmax", [],
     ["flatten_linear", "fully_connected_share"]),
    (IMAGE + "conv2d(30, 3) | relu | conv2d(30, 3) | relu | global_avg_pool | flatten | linear(10) | log_softmax", [], []),
    # A loss that takes scores.
    (IMAGE + "conv2d(8, 3) | relu | conv2d(10, 26) | flatten", ["--loss", "cross_entropy"], []),
    (IMAGE + "conv2d(8, 3) | relu | conv2d(10, 26) | flatten | softmax", [], ["softmax_output"]),
    (IMAGE + "conv2d(8, 3) | relu | conv2d(10, 26) | log_softmax(1) | flatten | log_softmax", [], ["softmax_twice"]),
    # A bias goes with each channel's mean, not with that of a sample, nor through ReLU.
    (IMAGE + "conv2d(8, 3) | relu | batch_norm | " + END, [], []),
    (IMAGE + "conv2d(8, 3) | instance_norm | relu | " + END, [], ["bias_before_norm"]),
    (IMAGE + "conv2d(8, 3) | group_norm(2) | relu | " + END, [], []),
    # Fewer channels at the last pixel are the classes; depthwise filters mix no channels.
    (IMAGE + "conv2d(32, 3) | relu | conv2d(32, 3, groups=32) | relu | conv2d(10, 24) | flatten | log_softmax", [], []),
    (IMAGE + "conv2d(8, 3) | relu | " + END, ["--object", "3"], []),
    (IMAGE + "conv2d(8, 3) | relu | " + END, ["--object", "4"], ["field_small"]),
    (IMAGE + "conv2d(8, 9) | relu | " + END, ["--object", "4"], ["field_large"]),
    # Features stand more dropout than pictures.
    (IMAGE + "conv2d(30, 3) | relu | conv2d(30, 3) | relu | global_avg_pool | flatten | dropout(0.4) | linear(10) | log_softmax",
     [], []),
    (IMAGE + "conv2d(8, 3) | relu | dropout(0.3) | " + END, [], ["dropout_large"]),
    (IMAGE + "conv2d(8, 3) | dropout(0.1) | relu | batch_norm | " + END, [], ["dropout_before_norm"]),
    (IMAGE + "conv2d(8, 3) | relu | dropout(0.1) | conv2d(8, 3) | relu | batch_norm | dropout(0.1) | " + END, [], []),
]
LOGS = [
    ([(0.9, None, 0.5, None), (0.5, None, 0.30, None), (0.3, None, 0.36, None), (0.2, None, 0.40, None)], ["overfitting"]),
    # Worse for one epoch, or no better in training, is not learning by heart.
    ([(0.9, None, 0.5, None), (0.5, None, 0.30, None), (0.3, None, 0.36, None)], []),
    ([(0.9, None, 0.30, None), (0.5, None, 0.4, None), (0.6, None, 0.5, None), (0.95, None, 0.6, None)], ["rate_high"]),
    ([(0.9, 0.7, 0.5, 0.80), (None, 0.1, None, 0.1)], ["rate_high"]),
    ([(0.9, 0.7, 0.5, 0.80), (0.4, 0.90, 0.3, 0.90)], []),
    # An epoch's training accuracy is a mean: it may be below what the epoch ends with, not below what it began with.
    ([(0.9, 0.70, 0.5, 0.91)], []),
    ([(0.9, 0.70, 0.5, 0.91), (0.4, 0.93, 0.3, 0.95)], []),
    ([(0.9, 0.70, 0.5, 0.91), (0.4, 0.88, 0.3, 0.95)], ["underfitting"]),
    ([(0.9, 0.70, 0.5, 0.91), (0.4, 0.88, 0.3, 0.88)], []),
]
# Epochs of (loss, rate). At the end of a schedule a loss rises by chance.
RATES = [([(0.9, 0.05), (0.04, 0.0025), (0.05, 0.0006)], []), ([(0.9, 0.05), (0.04, 0.025), (0.05, 0.006)], ["rate_high"])]
# Where samples were held out, they decide, and not the test samples.
HELD_OUT = [({"train_accuracy": 0.99, "test_accuracy": 0.99, "val_loss": 0.1, "val_accuracy": 0.95}, ["overfitting"]),
            ({"train_accuracy": 0.99, "test_accuracy": 0.95, "val_loss": 0.1, "val_accuracy": 0.99}, [])]


def rules(*arguments):
    done = subprocess.run(["gradmill", "advise", *arguments, "--json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{arguments}: {done.stderr}")
    return sorted(advice["rule"] for advice in json.loads(done.stdout))


def expect(what, found, expected):
    if found != sorted(expected):
        sys.exit(f"{what}\nexpected {sorted(expected)}, found {found}")


for net, options, expected in NETS:
    with open("net.net", "w") as out:
        out.write(net + "\n")
    expect(net, rules("net.net", *options), expected)
with open("net.net", "w") as out:
    out.write(SMALL + "\n")
for log, expected in LOGS:
    with open("log.jsonl", "w") as out:
        for epoch, values in enumerate(log, 1):
            names = ("loss", "train_accuracy", "test_loss", "test_accuracy")
            out.write(json.dumps({"type": "epoch", "epoch": epoch,
                                  **{n: v for n, v in zip(names, values) if v is not None or n == "loss"}}) + "\n")
    expect(log, rules("net.net", "--metrics", "log.jsonl"), expected)
for epochs, expected in RATES:
    with open("log.jsonl", "w") as out:
        for epoch, (loss, rate) in enumerate(epochs, 1):
            out.write(json.dumps({"type": "epoch", "epoch": epoch, "loss": loss, "learning_rate": rate}) + "\n")
    expect(epochs, rules("net.net", "--metrics", "log.jsonl"), expected)
for record, expected in HELD_OUT:
    with open("log.jsonl", "w") as out:
        out.write(json.dumps({"type": "run", "data": "digits"}) + "\n")
        out.write(json.dumps({"type": "epoch", "epoch": 1, "loss": 0.1, **record}) + "\n")
    expect(record, rules("net.net", "--metrics", "log.jsonl"), expected)
print(f"{len(NETS) + len(LOGS) + len(RATES) + len(HELD_OUT)} variants hold")
