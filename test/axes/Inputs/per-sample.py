"""A table of samples whose price is known: price = (size - 1)/2 * (0.5 a - 0.3 b + 0.2 c) + 0.7."""
import random

random.seed(5)
print("size,a,b,c,price")
for _ in range(256):
    size, a, b, c = (random.uniform(-1, 3) for _ in range(4))
    print(f"{size},{a},{b},{c},{(size - 1) / 2 * (0.5 * a - 0.3 * b + 0.2 * c) + 0.7}")
