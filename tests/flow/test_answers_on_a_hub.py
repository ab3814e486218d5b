"""`flotilla explain` and `flotilla plan` on a real hub: what they print, their exit codes, and whom they answer."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from flotilla_common.errors import FlotillaError, Forbidden
from flotilla_common.objects import Obj
from flotilla_hub.client import Access, connect
from flotilla_hub.client.kubeconfig import read
from tests.hub import Command, running_hub
from tests.manifests import config_map, deployment, policy


@pytest.fixture
async def flotilla(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Command]:
    async with running_hub(tmp_path) as running:
        yield Command(running, capsys, monkeypatch)


def file(directory: Path, *objects: Obj, name: str = "objects") -> str:
    path = directory / f"{name}.yaml"
    path.write_text(yaml.safe_dump_all(objects))
    return str(path)


async def test_a_plan_that_changes_something_is_1_and_stores_nothing(flotilla: Command, tmp_path: Path) -> None:
    said = await flotilla("plan", "-f", file(tmp_path, config_map("flags", {"a": "1"})))
    assert (said.code, said.err) == (1, "")
    assert said.out.splitlines() == [
        "On the hub:",
        "  create   ConfigMap default/flags",
        "",
        "! ConfigMap default/flags: no policy selects it: it goes nowhere",
        "",
        "Summary: no member changes. Nothing was stored.",
    ]
    assert (await flotilla("get", "cm")).out == ""


async def test_a_plan_that_changes_nothing_is_0(flotilla: Command, tmp_path: Path) -> None:
    flags = file(tmp_path, config_map("flags", {"a": "1"}))
    await flotilla("apply", "-f", flags)
    assert await flotilla("plan", "-f", flags) == (0, "Nothing would change.\n", "")


async def test_a_plan_that_fails_is_2_and_says_why(flotilla: Command, tmp_path: Path) -> None:
    bad = {**deployment("bad"), "spec": {"replicas": "three"}}
    said = await flotilla("plan", "-f", file(tmp_path, bad))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error: what was submitted is invalid: Deployment default/bad spec")
    assert (await flotilla("plan")).code == 2
    assert (await flotilla("plan", "--delete", "nonsense")).err.startswith("error: --delete 'nonsense' is no file")


async def test_a_plan_takes_several_files_and_deletions(flotilla: Command, tmp_path: Path) -> None:
    first = file(tmp_path, config_map("a", {}), name="a")
    second = file(tmp_path, config_map("b", {}), name="b")
    await flotilla("apply", "-f", first)
    said = await flotilla(
        "plan", "-f", second, file(tmp_path, policy("web"), name="c"), "--delete", "cm/a", "-o", "json"
    )
    told = json.loads(said.out)
    assert [(s["verb"], s["object"]["name"]) for s in told["stored"]] == [
        ("create", "b"),
        ("create", "web"),
        ("delete", "a"),
    ]
    assert (await flotilla("plan", "--delete", first)).code == 1


async def test_the_help_names_the_exit_codes(flotilla: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        await flotilla("plan", "--help")
    assert "0 nothing would change, 1 something would, 2" in " ".join(capsys.readouterr().out.split())


async def test_explain_prints_text_json_or_yaml(flotilla: Command, tmp_path: Path) -> None:
    await flotilla("apply", "-f", file(tmp_path, config_map("flags", {"a": "1"})))
    said = await flotilla("explain", "cm/flags")
    assert (said.code, said.out.splitlines()[0]) == (0, "ConfigMap default/flags, generation 1: no policy selects it")
    assert json.loads((await flotilla("explain", "cm", "flags", "-o", "json")).out)["why"] == "no policy selects it"
    assert yaml.safe_load((await flotilla("explain", "cm/flags", "-o", "yaml")).out)["object"]["name"] == "flags"


async def test_explain_says_what_is_no_template(flotilla: Command) -> None:
    said = await flotilla("explain", "ns/kube-system")
    assert said.out.startswith("Namespace kube-system is never propagated: ")


WRONG: list[tuple[str, str, Obj | None, str]] = [
    ("GET", "/flotilla/v1/explain?kind=ConfigMap", None, "apiVersion"),
    ("GET", "/flotilla/v1/explain?apiVersion=v1&kind=ConfigMap&name=no&namespace=default", None, 'configmaps "no"'),
    ("GET", "/flotilla/v1/explain?apiVersion=v9&kind=Nonsense&name=no", None, "serves no v9 Nonsense"),
    ("POST", "/flotilla/v1/plan", {"apply": "nonsense"}, "apply must be a list of objects"),
    ("POST", "/flotilla/v1/plan", {"delete": [{"kind": "x"}]}, "delete must be a list of objects"),
]


async def test_what_cannot_be_answered_says_why(flotilla: Command) -> None:
    async with connect(Access.of(read(flotilla.hub.kubeconfig))) as hub:
        for method, path, body, why in WRONG:
            with pytest.raises(FlotillaError, match=why):
                await hub.call(method, path, body)


async def test_neither_answers_without_a_token(flotilla: Command) -> None:
    access = replace(Access.of(read(flotilla.hub.kubeconfig)), token="wrong")
    async with connect(access) as stranger:
        for method, path in (("GET", "/flotilla/v1/explain"), ("POST", "/flotilla/v1/plan")):
            with pytest.raises(Forbidden):
                await stranger.call(method, path)
