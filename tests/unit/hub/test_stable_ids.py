"""The ids are those of RFC 4122, version 5."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from flotilla_hub.stable_ids import stable_id


@given(space=st.uuids(), name=st.text())
def test_they_are_what_the_standard_library_says(space: UUID, name: str) -> None:
    assert stable_id(space, name) == str(uuid5(space, name))
