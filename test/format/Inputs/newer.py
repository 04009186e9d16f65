"""FBS JSON: newer.fbs with further fields, newer.json with values for them, and version.json of a newer
format."""
import re
import sys

schema = open(sys.argv[1]).read()
schema = re.sub(r"(table Op \{.*?location: Location;)", r"\1\n  cost: double;\n  hints: [string];", schema, flags=re.S)
schema = re.sub(r"(table Graph \{.*?location: Location;)", r"\1\n  licence: string;", schema, flags=re.S)
open("newer.fbs", "w").write(schema)
text = open(sys.argv[2]).read()
assert "format_version: 1" in text and 'name: "nn.conv2d"' in text, text[:400]
newer = text.replace("format_version: 1", 'licence: "any", format_version: 1', 1)
newer = newer.replace('name: "nn.conv2d"', 'cost: 1.5, hints: ["a", "b"], name: "nn.conv2d"')
open("newer.json", "w").write(newer)
open("version.json", "w").write(newer.replace("format_version: 1", "format_version: 2", 1))
