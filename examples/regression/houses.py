#!/usr/bin/env python3
"""Writes houses.csv into the current folder: 2,000 made-up houses and their prices.

A price (in 100,000) depends on the house, on its distance from the middle of the
town, and on chance: normally distributed with a standard deviation of 0.1.
"""
import csv
import math
import random

random.seed(1)
with open("houses.csv", "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["rooms", "area", "age", "lat", "lon", "price"])
    for _ in range(2000):
        rooms = random.randint(1, 8)
        area = rooms * random.uniform(15, 30)
        age = random.randint(0, 80)
        lat, lon = random.uniform(52.4, 52.6), random.uniform(13.2, 13.6)
        distance = math.hypot((lat - 52.5) / 0.1, (lon - 13.4) / 0.2)
        price = 0.5 + 0.02 * area - 0.01 * age + 1.5 * max(0, 1 - distance) + random.gauss(0, 0.1)
        table.writerow([rooms, f"{area:.1f}", age, f"{lat:.4f}", f"{lon:.4f}", f"{price:.3f}"])
