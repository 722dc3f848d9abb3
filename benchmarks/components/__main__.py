"""Run one variant of one component: `python -m benchmarks.components MODULE NAME`."""

import importlib
import json
import sys

module, name = sys.argv[1:]
count, seconds = importlib.import_module(f"benchmarks.components.{module}").run(name)
print(json.dumps({"count": count, "seconds": seconds}))
