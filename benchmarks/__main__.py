"""`python -m benchmarks [name …]`: measure, side by side in one run, as ratios – machines are noisy.

Every module beside this one with a `main()` is a benchmark; its docstring says what it measures.
"""

import importlib
import pkgutil
import sys
from pathlib import Path


def main(wanted: list[str]) -> int:
    known = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    names = [name for name in known if name != "__main__" and (not wanted or name in wanted)]
    if unknown := sorted(set(wanted) - set(known)):
        print(f"No benchmark is called {', '.join(unknown)}. There are: {', '.join(names or known)}.")
        return 1
    for name in names:
        module = importlib.import_module(f"benchmarks.{name}")
        if not hasattr(module, "main"):
            continue  # what benchmarks share
        print(f"\n# {name}\n{(module.__doc__ or '').strip()}\n")
        module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
