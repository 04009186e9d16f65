"""below.py FILE LOW HIGH: the share of the houses that cost less than FILE says is between LOW and HIGH."""
import csv
import json
import sys

prices = [float(row["price"]) for row in csv.DictReader(open("houses.csv"))]
said = [price for price, in json.load(open(sys.argv[1]))["price"]]
assert len(said) == len(prices) == 2000
share = sum(price < above for price, above in zip(prices, said)) / len(prices)
assert float(sys.argv[2]) < share < float(sys.argv[3]), share
