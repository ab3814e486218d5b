"""Keeps the versions of templates that are rolled out, before they are: what `flotilla rollout undo` goes back to."""

from collections.abc import Iterable
from contextlib import suppress

from flotilla_common.errors import NotFound
from flotilla_common.objects import Obj, labels_of, meta_of, name_of

from ..admission.lifecycle import created
from ..store.port import Key
from ..strategies.history import LIMIT, REVISION_OF, change, home_of, is_kept, version_of
from .controller import Hub, new_id

__all__ = ["Revisions"]

RESOURCE = "controllerrevisions.apps"


class Revisions:
    def __init__(self, hub: Hub) -> None:
        self._objects = hub.objects
        self._now = hub.now
        self._noted: dict[str, str] = {}
        """Template uid → the version that is on record as its newest: saves looking."""

    async def note(self, template: Obj, limit: int = LIMIT) -> None:
        """Raises Conflict when another hub wrote it at the same moment."""
        uid, version = str(meta_of(template).get("uid") or ""), version_of(template)
        if not is_kept(template) or self._noted.get(uid) == version:
            return
        namespace = home_of(template)
        found = change(template, self._of(uid, namespace), limit)
        if found.newest is not None:
            key = Key(RESOURCE, namespace, name_of(found.newest))
            if "resourceVersion" in found.newest["metadata"]:
                await self._objects.update(key, found.newest)
            else:
                await self._objects.create(key, created(found.newest, self._now(), new_id()))
        await self._drop(namespace, found.dropped)
        self._noted[uid] = version

    async def forget(self, uid: str, namespace: str) -> None:
        """The template is gone."""
        self._noted.pop(uid, None)
        await self._drop(namespace, map(name_of, self._of(uid, namespace)))

    # By the text first: a namespace may hold ten of each of a thousand templates.
    def _of(self, uid: str, namespace: str) -> list[Obj]:
        marked = uid.encode()
        found = (record.obj() for record in self._objects.list(RESOURCE, namespace).items if marked in record.json)
        return [obj for obj in found if labels_of(obj).get(REVISION_OF) == uid]

    async def _drop(self, namespace: str, names: Iterable[str]) -> None:
        for name in names:
            with suppress(NotFound):
                await self._objects.delete(Key(RESOURCE, namespace, name))
