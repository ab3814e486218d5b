"""Private files: for the owner only, also where something lies in the way."""

from pathlib import Path

from flotilla_common import private_files


def test_a_file_is_replaced_and_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    (tmp_path / "key.part").write_text("left by a crash, readable by all")
    for text in ("one", "two"):
        private_files.write(path, text)
    assert (path.read_text(), path.stat().st_mode & 0o777, list(tmp_path.iterdir())) == ("two", 0o600, [path])


def test_a_folder_is_made_with_those_above(tmp_path: Path) -> None:
    made = private_files.make_folder(tmp_path / "a" / "b", "--dir")
    assert made.stat().st_mode & 0o777 == 0o700
