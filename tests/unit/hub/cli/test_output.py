"""How tables and objects are written: as kubectl writes them."""

from flotilla_hub.cli.output import Columns, aligned, text_of

TABLE = {
    "columnDefinitions": [{"name": "Name"}, {"name": "Ready"}, {"name": "Zone", "priority": 1}],
    "rows": [
        {"cells": ["a", "True", "z1"], "object": {"metadata": {"name": "a", "namespace": "shop"}}},
        {"cells": ["longer", None, ""], "object": {"metadata": {"name": "longer", "namespace": "bank"}}},
    ],
}


def lines(columns: Columns, prefix: str = "") -> list[str]:
    return aligned([columns.header(), *columns.rows(TABLE, prefix)])


def test_columns_stand_three_spaces_apart() -> None:
    assert lines(Columns(TABLE["columnDefinitions"])) == ["NAME     READY", "a        True", "longer   <none>"]


def test_wide_shows_every_column() -> None:
    wide = lines(Columns(TABLE["columnDefinitions"], wide=True))
    assert wide == ["NAME     READY    ZONE", "a        True     z1", "longer   <none>"]


def test_the_namespace_comes_first_when_asked_for() -> None:
    found = lines(Columns(TABLE["columnDefinitions"], namespace=True))
    assert found == ["NAMESPACE   NAME     READY", "shop        a        True", "bank        longer   <none>"]


def test_names_take_their_type_when_several_types_are_shown() -> None:
    assert lines(Columns(TABLE["columnDefinitions"]), "cluster/")[1] == "cluster/a        True"


def test_yaml_keeps_the_order_and_the_characters() -> None:
    assert text_of({"kind": "X", "a": "ü"}, "yaml") == "kind: X\na: ü"


def test_json_is_indented_as_kubectls() -> None:
    assert text_of({"kind": "X"}, "json") == '{\n    "kind": "X"\n}'
