"""close.py A B TOLERANCE: whether two files hold the same numbers, about."""
import sys

a, b = ([float(word) for word in open(name).read().split()] for name in sys.argv[1:3])
assert a and len(a) == len(b), f"{len(a)} numbers and {len(b)}"
worst = max(range(len(a)), key=lambda i: abs(a[i] - b[i]) / (1 + abs(b[i])))
error = abs(a[worst] - b[worst]) / (1 + abs(b[worst]))
print(f"{len(a)} numbers, the worst off by {error:.1e}: {a[worst]} and {b[worst]}")
sys.exit(not error <= float(sys.argv[3]))
