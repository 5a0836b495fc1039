"""Run the benches: ``python -m bench [--list] [NAME...]``. Without a name all of them, one after the other.

Each is a program of its own (``python -m bench.NAME --help``), which compares what it measures with a baseline of the
same run and ends with exit code 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent


def benches() -> dict[str, str]:
    """The benches by name, each with the first line of what it says of itself."""
    found = {}
    for file in sorted(_HERE.glob("*.py")):
        if not file.name.startswith("_"):
            found[file.stem] = (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n")[0]
    return found


def main() -> int:
    """List or run."""
    known = benches()
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[0])
    options.add_argument("--list", action="store_true", help="say which there are, and run none")
    options.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)}")
    chosen = options.parse_args()
    unknown = set(chosen.names) - known.keys()
    if unknown:
        options.error(f"there is no bench {', '.join(sorted(unknown))}")
    if chosen.list:
        print(*(f"{name:16} {text}" for name, text in known.items()), sep="\n")
        return 0
    missed = []
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}", flush=True)
    for name in chosen.names or known:
        print(f"\n--- {name}: {known[name]}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=_HERE.parent, check=False).returncode:
            missed.append(name)
    print(f"\nA goal was missed: {', '.join(missed)}" if missed else "\nEvery goal was met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
