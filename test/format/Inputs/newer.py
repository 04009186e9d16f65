"""FBS JSON: newer.fbs with further fields, newer.json with values for them, and version.json of a newer
format."""
import json
import re
import sys

schema = open(sys.argv[1]).read()
schema = re.sub(r"(table Op \{.*?location: Location;)", r"\1\n  cost: double;\n  hints: [string];", schema, flags=re.S)
schema = re.sub(r"(table Graph \{.*?location: Location;)", r"\1\n  licence: string;", schema, flags=re.S)
open("newer.fbs", "w").write(schema)
graph = json.load(open(sys.argv[2]))
graph["licence"] = "any"
for op in graph["functions"][0]["body"]["ops"]:
    op["cost"], op["hints"] = 1.5, ["a", "b"]
json.dump(graph, open("newer.json", "w"))
graph["format_version"] = 2
json.dump(graph, open("version.json", "w"))
