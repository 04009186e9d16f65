"""check-report.py REPORT.json MANIFEST: the report says what the manifest says."""
import json
import sys

report = json.load(open(sys.argv[1]))
text = open(sys.argv[2]).read()
entries = json.loads(text[text.index('\n{\n  "') :])["entries"]  # behind the IR
assert {"infer", "train"} <= {e["entry"] for e in report}, report
for listed in report:
    entry = entries[listed["entry"]]
    kernels = entry["kernels"]
    calls = [k for call in entry["calls"] for k in call]
    assert [k["name"] for k in listed["kernels"]] == [k["name"] for k in kernels]
    # Each kernel has code, and each call a kernel.
    assert sorted(set(calls)) == list(range(len(kernels))), calls
    assert all(entry["calls"]), entry["calls"]
    if not any(k["name"].startswith("conv2d conv1") for k in kernels):
        continue  # prepare, and one image with channels in the lanes
    conv = next(k for k in kernels if k["name"].startswith("conv2d conv1"))
    # [16, 1, 8, 8] by 4 filters of 3x3 to [16, 4, 6, 6].
    assert conv["macs"] == 16 * 4 * 6 * 6 * 9, conv
    # Its input and filter; what the kernel behind it needs is kept, besides.
    assert conv["bytes_read"] >= 4 * (16 * 64 + 36), conv
    assert conv["bytes_written"] >= 4 * 16 * 4 * 36, conv
    assert listed["macs"] == sum(k["macs"] for k in kernels)
