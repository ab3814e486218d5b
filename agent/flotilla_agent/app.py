"""The agent, put together: the one file that names concrete targets and buses, for one Pull cluster."""

from pathlib import Path

from flotilla_common.bus import BusSettings, connect
from flotilla_common.errors import FieldError, Invalid
from flotilla_common.runtime.stopping import until_stopped
from flotilla_common.subjects import AGENT_API, inbox

from .member import serve
from .settings import AgentSettings, EngineSettings, LinkSettings
from .targets import open_target

__all__ = ["run_pull"]


async def run_pull(settings: AgentSettings, home: Path) -> None:
    """Serve this cluster until SIGTERM or Ctrl-C. `home` holds the journal."""
    _prepare(settings, home)
    cluster = settings.cluster
    bus_settings = BusSettings(settings.nats_urls, settings.credentials, inbox=inbox(cluster), api=AGENT_API)
    target = await open_target(_target_url(settings, home))
    try:
        async with connect(bus_settings, name=f"agent {cluster}") as bus:
            link = LinkSettings(heartbeat=settings.heartbeat, facts_every=settings.heartbeat)
            await until_stopped(serve(cluster, bus, target, home / "journal.db", EngineSettings(), link))
    finally:
        await target.close()


def _prepare(settings: AgentSettings, home: Path) -> None:
    for field in ("cluster", "nats_urls"):
        if not getattr(settings, field):
            raise Invalid("the agent's settings", [FieldError(field, "must be set", "FieldValueRequired")])
    home.mkdir(mode=0o700, parents=True, exist_ok=True)


def _target_url(settings: AgentSettings, home: Path) -> str:
    if settings.target == "memory":
        # A simulated cluster outlives its agent, as a real one does.
        return f"memory://{settings.cluster}?state={home / 'cluster.db'}"
    if settings.target != "kubernetes":
        return settings.target
    context = f"?context={settings.context}" if settings.context else ""
    return f"kubernetes://{settings.kubeconfig}{context}" if settings.kubeconfig else "kubernetes://in-cluster"
