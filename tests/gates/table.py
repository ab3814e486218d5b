"""The gates, each a function from the tree to complaints."""

from collections.abc import Callable, Iterator

from tests.gates import limits, places
from tests.gates.tree import Tree

__all__ = ["GATES", "Gate", "check"]

Gate = Callable[[Tree], Iterator[str]]

GATES: tuple[Gate, ...] = (
    limits.file_sizes,
    limits.function_sizes,
    limits.file_names,
    limits.first_lines,
    limits.forbidden_words,
    places.shared_modules,
    places.subjects_in_one_place,
    places.architecture_is_true,
    places.root_is_tidy,
)


def check(tree: Tree) -> list[str]:
    return [complaint for gate in GATES for complaint in gate(tree)]
