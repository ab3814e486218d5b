"""Small objects to send to the API, and the two things to look at in what it answers."""

from typing import Any

from flotilla_common.objects import Obj
from tests.api import Answer

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


def config_map(name: str = "it", **more: Any) -> Obj:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **more}, "data": {"a": "1"}}


def deployment(**spec: Any) -> Obj:
    template = {
        "metadata": {"labels": {"app": "it"}},
        "spec": {"containers": [{"name": "c", "image": "i:1"}, {"name": "d", "image": "j:1"}]},
    }
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "it"}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "it"}, "spec": spec}


def status_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("reason", "")
