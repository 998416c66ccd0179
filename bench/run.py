"""``./dev bench engine``: measure the engine beside its rivals; ``./dev bench plans``: make plans.

Prints one line a figure: name, times (ours : theirs), ratio, bound, ok or short.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import database
import figures
import plans


def main(argv):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("what", choices=["engine", "plans"])
    for name, default in vars(database.Sizes()).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--quick", action="store_true", help="100 employees, 20,000 leads")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is taken")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--template", help="database without our addons to start from")
    args = parser.parse_args(argv)
    sizes = database.Sizes(args.employees, args.leads, args.events, args.orders)
    scales = [sizes.leads // 10, sizes.leads // 100] if args.what == "engine" else []
    if args.quick:
        sizes, scales = database.Sizes(100, 20_000, 20_000, 10_000), []
    databases = database.ensure(sizes, args.template)
    small = []
    for leads in scales:
        less = replace(sizes, leads=leads, events=leads, orders=leads // 2)
        small.append((less, database.ensure(less, args.template)))
    if args.what == "plans":
        found = plans.plans(databases[1], args.rounds)
    else:
        found = figures.engine(sizes, databases, small, args.rounds)
    machine = next(found)
    print(", ".join(f"{name} {value}" for name, value in machine.items()), flush=True)
    result = []
    for figure in found:
        print(figure, flush=True)
        result.append({**vars(figure), "ok": figure.is_ok})
    if args.json:
        told = {"sizes": vars(sizes), "machine": machine, "figures": result}
        Path(args.json).write_text(json.dumps(told, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
