"""The worker as a process beside the console: a slow pass never holds a page.

Nothing here imports a model at the top: the new process reads this module before Django is set up.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event as ProcessEvent

#: Seconds that the worker gets to finish its pass when the server stops.
GRACE_SECONDS = 5


class WorkerProcess:
    """Runs ``command.worker`` in a process of its own, from ``start`` until ``stop``."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.asked: ProcessEvent = context.Event()
        self.process: BaseProcess = context.Process(
            target=run_worker, args=(self.asked,), name="fangkong-worker", daemon=True
        )

    def start(self) -> None:
        """Start passing."""
        self.process.start()

    def stop(self) -> None:
        """Let the pass that runs finish; end the process when it takes too long."""
        self.asked.set()
        self.process.join(GRACE_SECONDS)
        if self.process.is_alive():
            self.process.terminate()


def run_worker(asked: ProcessEvent) -> None:
    """The process's work: passes until ``asked`` is set or the server is gone. Ctrl-C is the server's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangkong.settings")
    import django

    django.setup()
    from fangkong.command.notifications.delivery import deliver_forever
    from fangkong.command.worker import run_forever
    from fangkong.faces.web.notifications.mail import written

    stop = threading.Event()
    threading.Thread(target=_watch, args=(asked, stop), daemon=True).start()
    # A thread of its own: a mail server that does not answer must not hold up the clocks.
    threading.Thread(target=deliver_forever, args=(stop, written), daemon=True).start()
    run_forever(stop)


def _watch(asked: ProcessEvent, stop: threading.Event) -> None:
    """Set ``stop`` when the server asks for it, or is gone without having asked."""
    parent = multiprocessing.parent_process()
    while not asked.wait(1.0) and parent is not None and parent.is_alive():
        continue
    stop.set()
