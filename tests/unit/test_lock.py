"""The locks hold versions and hashes and nothing else, so that they resolve against any index."""

import pytest

from tests.lock import FOLDER, LOCKS, stray_lines

HASH = f"    --hash=sha256:{'0' * 64}"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_pinned_and_hashed(name: str) -> None:
    text = (FOLDER / f"{name}.txt").read_text()
    assert text.count("==") > 10
    assert stray_lines(text) == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("--index-" + "url https://example.org/simple", id="index-option"),
        pytest.param("a @ https://example.org/a.whl", id="address-of-a-package"),
        pytest.param("a>=1 \\", id="range-instead-of-a-version"),
        pytest.param("a==1", id="version-without-a-hash"),
        pytest.param("-e .", id="ourselves"),
    ],
)
def test_anything_else_is_found(line: str) -> None:
    assert stray_lines(f"b==1 \\\n{HASH}\n{line}") == [line]
