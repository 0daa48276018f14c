"""``fangkong``: finds the command, sets Django up, turns errors into one clear line and an exit code.

Exit codes: 0 done; 1 the answer is "no" (a refused file, a broken audit chain); 2 the command line is wrong;
3 the installation is not ready (no keys, no tables); 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

#: Command -> module of faces/cli that holds it, in the order in which help shows them.
COMMANDS = {
    "init": "init",
    "user": "user",
    "receive": "receive",
    "reconcile": "reconcile",
    "backtest": "backtest",
    "cycle": "cycle",
    "report": "report",
    "print": "print",
    "minutes": "minutes",
    "serve": "serve",
    "demo": "demo",
    "digest": "digest",
    "audit": "audit",
    "keys": "keys",
    "rules": "rules",
    "purge": "purge",
}


class _Lazy(click.Group):
    """Imports a command's module only when it is used, so that ``--help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        _setup()
        return importlib.import_module(f"fangkong.faces.cli.{COMMANDS[cmd_name]}").command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fangkong", prog_name="fangkong")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language of what is printed.",
)
@click.pass_context
def cli(ctx: click.Context, lang: str) -> None:
    """Fangkong 防控: from what a city reports each day to ordered, lawful, least-cost action."""
    from django.utils import translation

    ctx.obj = lang
    translation.activate("zh-hans" if lang == "zh" else "en")


def _setup() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangkong.settings")
    import django

    django.setup()


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    from fangkong.core.errors import FangkongError

    _setup()
    try:
        result: Any = cli.main(args=arguments, standalone_mode=False, prog_name="fangkong")
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except FangkongError as error:
        from fangkong.faces.words.errors import error_text

        lang = "zh" if os.environ.get("LANG", "").startswith("zh") else "en"
        click.echo(error_text(error, lang), err=True)
        sys.exit(3 if error.code.startswith(("keys.", "setup.")) else 1)
    except Exception as error:
        if _tables_missing(error):
            click.echo(
                "The record has no tables yet. Run: fangkong init / 尚未建库，请先运行 fangkong init",
                err=True,
            )
            sys.exit(3)
        raise
    sys.exit(result if isinstance(result, int) else 0)


def _tables_missing(error: Exception) -> bool:
    from django.db.utils import OperationalError, ProgrammingError

    text = str(error)
    return isinstance(error, (OperationalError, ProgrammingError)) and (
        "no such table" in text or "unable to open database" in text or "does not exist" in text
    )
