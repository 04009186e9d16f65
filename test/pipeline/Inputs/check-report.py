"""check-report.py REPORT.json MANIFEST: the report says what the manifest says."""
import json
import sys

report = json.load(open(sys.argv[1]))
text = open(sys.argv[2]).read()
entries = json.loads(text[text.index('\n{\n  "') :])["entries"]  # behind the IR
assert sorted(e["entry"] for e in report) == ["infer", "train"], report
for listed in report:
    entry = entries[listed["entry"]]
    kernels, calls = entry["kernels"], entry["calls"]
    assert [k["name"] for k in listed["kernels"]] == [k["name"] for k in kernels]
    # Kernels run one after the other, and each has code.
    assert calls == sorted(calls), calls
    assert sorted(set(calls)) == list(range(len(kernels))), calls
    conv = next(k for k in kernels if k["name"].startswith("conv2d conv1"))
    # [16, 1, 8, 8] by 4 filters of 3x3 to [16, 4, 6, 6].
    assert conv["macs"] == 16 * 4 * 6 * 6 * 9, conv
    # Its input and filter; what the kernel behind it needs is kept, besides.
    assert conv["bytes_read"] >= 4 * (16 * 64 + 36), conv
    assert conv["bytes_written"] >= 4 * 16 * 4 * 36, conv
    assert listed["macs"] == sum(k["macs"] for k in kernels)
