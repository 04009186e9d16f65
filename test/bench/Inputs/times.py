"""What `bench --per-op --json` says of times: see per-op.test."""

import json
import sys

result = json.load(open(sys.argv[1]))
timed = [k for k in result["kernels"] if k.get("seconds", 0) > 0]
apart = {k["in_loop_of"] for k in timed if "in_loop_of" in k}
print("loops with more than one time:", len(apart))
# Medians of parts need not add up to the median of the whole, least of all beside other work: hence the room.
total = sum(k["seconds"] for k in timed)
print("all within the step" if 0.1 < total / result["step_seconds"] < 2
      else f"{total} of {result['step_seconds']}")
