"""The law of the Target port on single objects, read out to the simulated cluster and to a real kube-apiserver."""

import asyncio

import pytest

from flotilla_agent.engine.target import Missing
from flotilla_common.errors import Conflict, Invalid
from flotilla_common.objects import GVK, Obj, annotations_of, labels_of, meta_of, ref_of
from tests.works import annotated, config_map, custom_resource_definition, deployment, labelled, managed
from tests.worlds import World

# One loop for the module: the API server lives as long as the module, and its processes belong to a loop.
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_is_not_there_is_none(world: World) -> None:
    mine = ref_of(config_map(namespace=world.namespace))

    assert await world.target.get(mine) is None
    assert await world.target.get(mine._replace(namespace="nowhere")) is None
    assert await world.target.get(mine._replace(gvk=GVK("nobody.test", "v1", "Thing"))) is None


async def test_what_was_applied_is_read_back(world: World) -> None:
    applied = await world.target.apply(managed(config_map(namespace=world.namespace, sky="blue")), force=False)

    assert applied["data"] == {"sky": "blue"}
    assert meta_of(applied)["uid"]
    assert await world.target.get(ref_of(applied)) == applied


TEXTS = [
    pytest.param("🚢 ⛴️ \U0001f9ed", id="beyond-16-bit"),
    pytest.param("a\x7fb\x85c\u2028d\ufeffe", id="what-yaml-does-not-print"),
    pytest.param('tab\t quote" back\\slash\nline', id="escapes"),
]


@pytest.mark.parametrize("text", TEXTS)
async def test_any_text_arrives_as_it_is(world: World, text: str) -> None:
    obj = config_map(namespace=world.namespace)
    obj["data"] = {"text": text}

    applied = await world.target.apply(obj, force=False)

    assert applied["data"] == {"text": text}


async def test_a_reader_cannot_alter_what_is_stored(world: World) -> None:
    applied = await world.target.apply(config_map(namespace=world.namespace, sky="blue"), force=False)
    applied["data"]["sky"] = "red"

    found = await world.target.get(ref_of(applied))

    assert found is not None and found["data"] == {"sky": "blue"}


async def test_an_apply_does_not_change_its_argument(world: World) -> None:
    desired = managed(deployment(namespace=world.namespace))

    await world.target.apply(desired, force=True)

    assert desired == managed(deployment(namespace=world.namespace))


async def test_the_same_again_is_no_write(world: World) -> None:
    desired = managed(deployment(namespace=world.namespace))
    first = await world.target.apply(desired, force=False)

    second = await world.target.apply(desired, force=True)

    assert meta_of(second)["resourceVersion"] == meta_of(first)["resourceVersion"]


async def test_fields_we_no_longer_set_go_and_others_stay(world: World) -> None:
    ours = config_map(namespace=world.namespace, sky="blue", sea="green")
    await world.target.apply(ours, force=False)
    await world.put(labelled(config_map(namespace=world.namespace, sand="yellow"), team="a"))

    applied = await world.target.apply(config_map(namespace=world.namespace, sky="red"), force=True)

    assert applied["data"] == {"sky": "red", "sand": "yellow"}
    assert labels_of(applied) == {"team": "a"}


async def test_a_field_of_anothers_is_taken_by_force_only(world: World) -> None:
    await world.put(config_map(namespace=world.namespace, sky="theirs"))
    ours = config_map(namespace=world.namespace, sky="ours")

    with pytest.raises(Conflict):
        await world.target.apply(ours, force=False)

    assert (await world.target.apply(ours, force=True))["data"] == {"sky": "ours"}


@pytest.mark.parametrize("is_there", [True, False], ids=["another-took-the-name", "it-is-gone"])
async def test_an_apply_to_one_object_does_not_hit_another(world: World, is_there: bool) -> None:
    obj = config_map(namespace=world.namespace)
    if is_there:
        await world.put(obj)
    pinned = {**obj, "metadata": {**obj["metadata"], "uid": "11111111-2222-3333-4444-555555555555"}}

    with pytest.raises(Conflict):
        await world.target.apply(pinned, force=True)


async def test_a_missing_namespace_or_kind_may_yet_come(world: World) -> None:
    with pytest.raises(Missing, match="nowhere"):
        await world.target.apply(config_map(namespace="nowhere"), force=False)
    with pytest.raises(Missing, match=r"nobody\.test/v1 Thing"):
        await world.target.apply(_custom("nobody.test", "Thing", world.namespace), force=False)

    # Neither answer stands in the way of what is there.
    await world.target.apply(config_map(namespace=world.namespace), force=False)


async def test_a_definition_brings_its_kind(world: World) -> None:
    group = f"{world.namespace}.test"
    widget = _custom(group, "Widget", world.namespace)
    await world.target.apply(custom_resource_definition(group, "Widget"), force=False)

    async with asyncio.timeout(20):
        while True:
            try:
                applied = await world.target.apply(widget, force=False)
                break
            except Missing:
                await asyncio.sleep(0.05)

    assert applied["spec"] == widget["spec"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"name": "No_Such_Name"}, id="a-bad-name"),
        pytest.param({"namespace": ""}, id="no-namespace"),
    ],
)
async def test_what_breaks_a_rule_is_invalid(world: World, broken: Obj) -> None:
    obj = config_map(namespace=world.namespace)

    with pytest.raises(Invalid):
        await world.target.apply({**obj, "metadata": {**obj["metadata"], **broken}}, force=False)


async def test_deleted_is_gone_and_deleting_nothing_is_fine(world: World) -> None:
    applied = await world.target.apply(config_map(namespace=world.namespace), force=False)
    mine = ref_of(applied)

    await world.target.delete(mine, uid=meta_of(applied)["uid"])
    await world.target.delete(mine, uid=meta_of(applied)["uid"])
    await world.target.delete(mine._replace(gvk=GVK("nobody.test", "v1", "Thing")))

    assert await world.target.get(mine) is None


async def test_what_took_the_name_of_ours_is_not_deleted(world: World) -> None:
    await world.put(config_map(namespace=world.namespace))
    mine = ref_of(config_map(namespace=world.namespace))

    with pytest.raises(Conflict):
        await world.target.delete(mine, uid="11111111-2222-3333-4444-555555555555")

    assert await world.target.get(mine) is not None


async def test_released_means_without_our_marks(world: World) -> None:
    obj = annotated(managed(config_map(namespace=world.namespace, sky="blue")), {"a.test/x": "1", "b.test/y": "2"})
    applied = await world.target.apply(obj, force=False)
    mine, uid = ref_of(applied), meta_of(applied)["uid"]

    await world.target.release(mine, uid=uid, labels=("karmada.io/managed",), annotations=("a.test/x", "not-there"))

    found = await world.target.get(mine)
    assert found is not None
    assert (found["data"], labels_of(found), annotations_of(found)) == ({"sky": "blue"}, {}, {"b.test/y": "2"})


async def test_only_the_very_object_is_released(world: World) -> None:
    await world.put(managed(config_map(namespace=world.namespace)))
    mine = ref_of(config_map(namespace=world.namespace))
    wrong = "11111111-2222-3333-4444-555555555555"

    with pytest.raises(Conflict):
        await world.target.release(mine, uid=wrong, labels=("karmada.io/managed",), annotations=())
    await world.target.release(mine._replace(name="absent"), uid=wrong, labels=("a",), annotations=())


def _custom(group: str, kind: str, where: str) -> Obj:
    meta = {"name": "x", "namespace": where}
    return {"apiVersion": f"{group}/v1", "kind": kind, "metadata": meta, "spec": {"size": 1}}
