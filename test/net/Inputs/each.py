"""Nets that are wrong, each with the message that it gets.

usage: each.py GRADMILL CASES: of "=== title: MESSAGE" and the net's text. {{...}} in a message is a
regular expression. A case fails if the message is not there, or if a message has no label."""
import re
import subprocess
import sys

gradmill, cases = sys.argv[1:3]
ending = sys.argv[3] if len(sys.argv) > 3 else "net"
wrong = 0
with open(cases, encoding="utf-8") as file:
    parts = re.split(r"^=== ", file.read(), flags=re.M)[1:]
for part in parts:
    head, text = part.split("\n", 1)
    title, message = head.split(": ", 1)
    name = f"case.{ending}"
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    run = subprocess.run([gradmill, "convert", name, "-o", "case.gmg"], stderr=subprocess.PIPE, text=True, check=False)
    pattern = "".join(p if i % 2 else re.escape(p) for i, p in enumerate(re.split(r"\{\{(.*?)\}\}", message)))
    labelled = all(re.search(r"error\[\w+\]: ", line) for line in run.stderr.splitlines() if " error" in line)
    if run.returncode != 3 or not labelled or not re.search(pattern, run.stderr):
        wrong += 1
        print(f"{title}: exit status {run.returncode}; expected\n  {message}\ngot\n  {run.stderr}")
print(f"{len(parts)} cases, {wrong} wrong")
sys.exit(1 if wrong or not parts else 0)
