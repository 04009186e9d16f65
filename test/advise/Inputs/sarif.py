"""Checks a SARIF file by the parts of the format that readers need."""
import json
import sys

log = json.load(sys.stdin if sys.argv[1] == "-" else open(sys.argv[1]))
assert log["version"] == "2.1.0" and "sarif-2.1.0" in log["$schema"], log
run, = log["runs"]
driver = run["tool"]["driver"]
ids = [rule["id"] for rule in driver["rules"]]
assert driver["name"] == "gradmill advise" and driver["version"] and len(set(ids)) == len(ids) > 15, driver
assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
assert len(run["results"]) >= 3
for result in run["results"]:
    assert result["ruleId"] in ids and result["level"] == "warning" and result["message"]["text"].endswith("."), result
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] in ("net.net", "log.jsonl"), place
    if place["artifactLocation"]["uri"] == "net.net":
        assert place["region"]["startLine"] > 1 and place["region"]["startColumn"] >= 1, place
