"""What ``suishi up`` keeps running: the page, Prefect's server, and the worker that runs the flows."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cli.supervisor import Child, answers

LOOPBACK = "127.0.0.1"
_NEXT_PORTS = 20
_SEND = "from cli.main import main; main()"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts listen. ``prefect_port`` is None when Prefect is not wanted."""

    host: str
    port: int
    prefect_port: int | None

    @property
    def page(self) -> str:
        """For a browser on this machine."""
        return f"http://{_reachable(self.host)}:{self.port}/"

    @property
    def flows(self) -> str:
        return f"http://{LOOPBACK}:{self.prefect_port}/"


def free_port(host: str, wanted: int) -> int:
    """The wanted port, else one of the next, else whatever is free."""
    for port in (*range(wanted, min(wanted + _NEXT_PORTS, 65536)), 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host.strip("[]"), port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no free port on {host}")


def children(home: Path, places: Places, *, environ: Mapping[str, str], demo: bool) -> list[Child]:
    """The page first: it needs nobody. The worker last: it leans on Prefect's server."""
    ours = {name: value for name, value in environ.items() if not name.startswith("PREFECT_")}
    ours |= {"SUISHI_HOME": str(home), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    if demo:
        ours["SUISHI_DEMO"] = "1"
    python = sys.executable
    page = Child(
        name="page",
        label="网页",
        command=(python, "-m", "cli.page", "--home", str(home), "--host", places.host, "--port", str(places.port)),
        environ=ours,
        is_up=partial(answers, _reachable(places.host), places.port, "/"),
        greeting=f"网页  {places.page}",
        herald=() if demo else (python, "-m", "cli.first_steps", "--home", str(home), "--page", places.page),
    )
    if places.prefect_port is None:
        return [page]
    with_prefect = ours | prefect_settings(home, places.prefect_port)
    health = partial(answers, LOOPBACK, places.prefect_port, "/api/health")
    server = Child(
        name="prefect",
        label="流程服务",
        command=(python, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(places.prefect_port)),
        environ=with_prefect,
        is_up=health,
        greeting=f"流程  {places.flows}  （仅本机管理员使用）",
        loud=False,  # it logs «database is locked» as an error at most starts and then repeats the work by itself
    )
    worker = Child(
        name="worker",
        label="派发",
        command=(python, "-m", "flows.worker", "--home", str(home)),
        environ=with_prefect,
        after=health,
        stand_in=(python, "-c", _SEND, "--home", str(home), "send"),  # reminders go out while Prefect is out of order
    )
    return [page, server, worker]


def prefect_settings(home: Path, port: int) -> dict[str, str]:
    """The settings under which Prefect is quiet, offline, cheap and survives a power cut."""
    own = home / "prefect"
    return {
        "PREFECT_HOME": str(own),
        "PREFECT_API_URL": f"http://{LOOPBACK}:{port}/api",
        "PREFECT_UI_URL": f"http://{LOOPBACK}:{port}",
        "PREFECT_SERVER_UI_API_URL": "/api",  # else the UI looks at port 4200, wherever the server is
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(own / "ui"),  # else it writes into site-packages
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",  # its pages ask an analytics host for settings, whatever the next line says
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",  # a flow that cannot reach the server must not start another one
        # Leases in memory are never freed after a power cut, and every later tick would be cancelled.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "PT5M",  # one run at a time: waiting a while is no fault
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "services,notifications",  # their lines are shown beside the run
        "PREFECT_WORKER_QUERY_SECONDS": "3",
        "PREFECT_CLI_COLORS": "false",
        "PREFECT_LOGGING_COLORS": "false",
        "NO_COLOR": "1",
    }


def _reachable(host: str) -> str:
    return LOOPBACK if host in ("0.0.0.0", "[::]", "") else host  # noqa: S104 - the address is asked, not bound
