"""`python -m tests.gates`: the limits a reviewer should not have to look for; fails on a breach.

tests/unit/test_gates.py shows that each gate can fail.
"""

import sys
from pathlib import Path

from tests.gates.limits import SOFT_FUNCTION, functions
from tests.gates.table import check
from tests.gates.tree import tracked


def main() -> int:
    tree = tracked(Path(__file__).resolve().parents[2])
    complaints = check(tree)
    for complaint in complaints:
        print(complaint)
    sizes = [lines for _, _, lines in functions(tree)]
    over = sum(lines > SOFT_FUNCTION for lines in sizes)
    print(
        f"gates: {len(complaints)} complaints about {len(tree.sources)} files; "
        f"{over} of {len(sizes)} functions are over {SOFT_FUNCTION} lines"
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
