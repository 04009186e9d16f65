"""same.py PAGE LOG EVAL.json: the page's numbers are those of the log and of `eval`."""
import html
import json
import re
import sys

page = open(sys.argv[1], encoding="utf-8").read()
records = [json.loads(line) for line in open(sys.argv[2])]
known = json.load(open(sys.argv[3]))


def table(caption):
    body = re.search(r"<caption>" + re.escape(caption) + r".*?</table>", page, re.S).group(0)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)]
    return [[html.unescape(re.sub("<[^>]*>", "", cell)).strip() for cell in row] for row in rows]


epochs = [r for r in records if r["type"] == "epoch"]
heads, *rows = table("Numbers of each epoch")
assert [row[0] for row in rows] == [str(e["epoch"]) for e in epochs]
for row, epoch in zip(rows, epochs):
    values = dict(zip(heads, row))
    assert values["Loss"] == "%.5g" % epoch["loss"], values
    assert values["Test accuracy"] == "%.2f%%" % (100 * epoch["test_accuracy"]), values

by_class = known["by_class"]["label"]
heads, *rows = table("Rows: what the samples are")
assert len(rows) == 10
assert [[int(c.replace("·", "0")) for c in row[1:]] for row in rows] == by_class["confusion"]
heads, *rows = table("Accuracy of each class")
for row, one in zip(rows, by_class["classes"]):
    values = dict(zip(heads, row))
    assert int(values["samples"]) == one["samples"]
    assert values["found (recall)"] == "%.2f %%" % (100 * one["recall"]), (values, one)
wrong = sum(sum(row) for row in by_class["confusion"]) - sum(by_class["confusion"][i][i] for i in range(10))
shown = re.search(r'<section id="wrong".*?</section>', page, re.S).group(0)
assert shown.count("<li>") == min(wrong, 24) and shown.count("<img") == 2 * min(wrong, 24)
sure = [float(x) for x in re.findall(r"<figcaption><b>\d</b> ([\d.]+) %", shown)]
assert sure == sorted(sure, reverse=True) and len(sure) == min(wrong, 24)
