"""``fangkong serve``: the console on a port, with the worker that reacts and keeps the clocks."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import threading
from multiprocessing.synchronize import Event as ProcessEvent
from typing import Any

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from fangkong.core.errors import InputError
from fangkong.faces.words.catalogue import word
from fangkong.record.installation import installation
from fangkong.record.keyring import keyring
from fangkong.record.models import User

#: Pages are short and wait for the database: threads, not processes, are what they need.
THREADS = 8

#: Seconds that the worker gets to finish its pass when the server stops.
GRACE_SECONDS = 5


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port.")
@click.option("--no-worker", is_flag=True, help="Do not run reactions and deadlines beside the console.")
@click.pass_context
def command(ctx: click.Context, host: str, port: int, no_worker: bool) -> None:
    """Serve the console until Ctrl-C."""
    lang: str = ctx.obj
    here = installation()
    keyring()
    check_port(host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(word("serve.address", lang, address=f"http://{shown}:{port}/"))
    if here.demonstration:
        names = word("frame.and", lang).join(
            User.objects.filter(is_active=True)
            .order_by("role", "username")
            .values_list("username", flat=True)[:8]
        )
        click.echo(word("serve.sign_in", lang, users=names, command="fangkong demo"))
    click.echo(word("serve.no_worker", lang) if no_worker else word("serve.stop", lang, keys="Ctrl-C"))
    stop, worker = (None, None) if no_worker else start_worker()
    try:
        Server(
            "fangkong.faces.web.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=THREADS,
            websockets=False,
            log_level=LogLevels.warning,
        ).serve()
    finally:
        if stop is not None and worker is not None:
            stop.set()
            worker.join(GRACE_SECONDS)
            if worker.is_alive():
                worker.terminate()
    click.echo(word("serve.stopped", lang))


def check_port(host: str, port: int) -> None:
    """Nothing when the port is free. Raises InputError naming the port in use or what ails the host."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise InputError(
            "serve.host_unusable", host=host, reason=error.strerror, example="127.0.0.1"
        ) from error
    except PermissionError as error:
        raise InputError(
            "serve.host_unusable", host=host, reason=error.strerror, example="127.0.0.1"
        ) from error
    except OSError as error:
        raise InputError("serve.port_in_use", host=host, port=str(port)) from error


def start_worker() -> tuple[ProcessEvent, Any]:
    """(the event that stops it, the worker): a process of its own, so that a slow pass never holds a page."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    worker = context.Process(target=run_worker, args=(stop,), name="fangkong-worker", daemon=True)
    worker.start()
    return stop, worker


def run_worker(asked: ProcessEvent) -> None:
    """The worker's process: passes until the server stops. Ctrl-C is the server's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import django

    django.setup()
    from fangkong.command.worker import run_forever

    stop = threading.Event()
    threading.Thread(target=_watch, args=(asked, stop), daemon=True).start()
    run_forever(stop)


def _watch(asked: ProcessEvent, stop: threading.Event) -> None:
    """Set ``stop`` when the server asks for it, or is gone without having asked."""
    parent = multiprocessing.parent_process()
    while not asked.wait(1.0) and parent is not None and parent.is_alive():
        continue
    stop.set()
