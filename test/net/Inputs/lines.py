"""Whether a net has at most so many lines, without empty ones and comments: lines.py MOST FILE"""
import sys

with open(sys.argv[2], encoding="utf-8") as file:
    count = sum(1 for line in file if line.strip() and not line.strip().startswith("//"))
print(count)
sys.exit(count > int(sys.argv[1]))
