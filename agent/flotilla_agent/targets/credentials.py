"""How the agent authenticates to a Kubernetes API server: the kubeconfig and in-cluster readers of the official client.

Importing that client whole costs 20 MB, nearly all of it for typed models, and for its synchronous half, which we never
use. Here it costs under 1 MB: while the few modules we need are loaded, bare stand-ins take the place of the packages
around them, whose `__init__` files would load the rest. They are gone afterwards, so that anyone else can still import
the whole client. Where it is loaded already, nothing is done.
"""

import importlib
import importlib.util
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj

__all__ = ["Credentials", "in_cluster", "of_kubeconfig"]

_PACKAGE = "kubernetes"
_STAND_INS = ("kubernetes", "kubernetes.aio", "kubernetes.aio.client")


@contextmanager
def _stand_ins() -> Iterator[None]:
    if _PACKAGE in sys.modules:
        yield
        return
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Terminal("the Kubernetes client is not installed; install flotilla[agent]")
    root = spec.submodule_search_locations[0]
    for name in _STAND_INS:
        module = ModuleType(name)
        module.__path__ = ["/".join((root, *name.split(".")[1:]))]
        sys.modules[name] = module
    try:
        client = sys.modules["kubernetes.aio.client"]
        client.Configuration = importlib.import_module("kubernetes.aio.client.configuration").Configuration  # type: ignore[attr-defined]
        client.ApiClient = None  # type: ignore[attr-defined]  # named by kube_config, for functions we do not call
        yield
    finally:
        for name in _STAND_INS:
            del sys.modules[name]


with _stand_ins():
    _configuration: Any = importlib.import_module("kubernetes.aio.client.configuration")
    _rest: Any = importlib.import_module("kubernetes.aio.client.rest")
    _kube_config: Any = importlib.import_module("kubernetes.aio.config.kube_config")
    _incluster: Any = importlib.import_module("kubernetes.aio.config.incluster_config")
    _problem: type[Exception] = importlib.import_module("kubernetes.aio.config.config_exception").ConfigException


class Credentials:
    """Where an API server is and how to be let in: `host`, `rest` (the client's HTTP half) and `headers()`."""

    def __init__(self, configuration: Any, loader: Any = None) -> None:
        self.host: str = configuration.host.rstrip("/")
        configuration.proxy = configuration.proxy or _proxy_for(self.host)
        self.rest: Any = _rest.RESTClientObject(configuration)
        self._configuration = configuration
        self._loader = loader

    async def headers(self) -> dict[str, str]:
        """The authorization to send, renewed when a plugin's token has run out."""
        if hasattr(self._loader, "exec_plugin_expiry") and hasattr(self._loader, "token"):
            await self._loader.load_from_exec_plugin()
            self._configuration.api_key["BearerToken"] = self._loader.token
        settings = await self._configuration.auth_settings()
        return {auth["key"]: auth["value"] for auth in settings.values() if auth["value"]}

    async def close(self) -> None:
        await self.rest.close()


async def of_kubeconfig(source: str | Obj, context: str = "", *, connections: int = 100) -> Credentials:
    """`source`: path of a kubeconfig, or its decoded content. Raises Terminal when it does not lead to a server."""
    configuration = _new_configuration(connections)
    name = source if isinstance(source, str) else "given by the hub"
    try:
        if isinstance(source, str):
            load = _kube_config.load_kube_config
            loader = await load(source, context or None, configuration, persist_config=False)
        else:
            load = _kube_config.load_kube_config_from_dict
            loader = await load(source, context or None, configuration)
        return Credentials(configuration, loader)
    except (_problem, OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise Terminal(f"cannot use the kubeconfig {name}: {err}") from err
    finally:
        # The reader writes keys to temporary files for the TLS context, which has read them by now.
        _kube_config._cleanup_temp_files()


def in_cluster(*, connections: int = 100) -> Credentials:
    """The service account of the pod we run in. Raises Terminal outside of a pod."""
    configuration = _new_configuration(connections)
    try:
        _incluster.load_incluster_config(configuration)
        return Credentials(configuration)
    except (_problem, OSError) as err:
        raise Terminal(f"not in a Kubernetes pod with a service account: {err}") from err


def _new_configuration(connections: int) -> Any:
    # Left to itself the session reads netrc, in a thread, before every single request: a quarter of an agent's time.
    session = {"trust_env": False}
    return _configuration.Configuration(connection_pool_maxsize=connections, client_session_kwargs=session)


def _proxy_for(host: str) -> str | None:
    """What the environment says (HTTPS_PROXY, NO_PROXY), which the session no longer looks at."""
    address = urlsplit(host)
    if urllib.request.proxy_bypass(address.hostname or ""):
        return None
    return urllib.request.getproxies().get(address.scheme)
