"""What flow tests share: a hub's NATS with accounts and users, for those that are about who may do what."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.realm import Realm, running


@pytest.fixture
async def realm(tmp_path: Path) -> AsyncIterator[Realm]:
    """Real server, real accounts, real credentials; see tests/realm.py."""
    async with running(tmp_path) as realm:
        yield realm
