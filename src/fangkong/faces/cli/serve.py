"""``fangkong serve``: the console on a port, with the worker that reacts and keeps the clocks."""

from __future__ import annotations

import socket

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from fangkong.command.demonstration.users import password_file
from fangkong.core.errors import InputError
from fangkong.faces.words.catalogue import word
from fangkong.record.installation import installation
from fangkong.record.keyring import keyring
from fangkong.record.models import User

from .worker_process import GRACE_SECONDS, WorkerProcess

#: Pages are short and wait for the database: threads, not processes, are what they need.
THREADS = 4


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
            .values_list("username", flat=True)
        )
        click.echo(word("serve.sign_in", lang, users=names, path=str(password_file())))
    click.echo(word("serve.no_worker", lang) if no_worker else word("serve.stop", lang, keys="Ctrl-C"))
    worker = None if no_worker else WorkerProcess()
    if worker is not None:
        worker.start()
    try:
        Server(
            "fangkong.faces.web.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=THREADS,
            websockets=False,
            workers_kill_timeout=GRACE_SECONDS,
            log_level=LogLevels.warning,
        ).serve()
    finally:
        if worker is not None:
            worker.stop()
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
