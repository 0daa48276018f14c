"""The tables of docs/reference that are read from the code, so that they cannot go stale.

A page holds ``<!-- table: NAME -->`` … ``<!-- end -->``; what stands between is made here. A test compares;
``python -m tests.docs.reference_tables`` writes the pages anew.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "reference"

#: What click calls the kind of a value -> what a reader is told to write.
_VALUES = {"integer range": "number", "datetime": "date", "path": "file"}

_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """``text`` of a page with every table made anew. Raises KeyError for a table that nobody makes."""
    return _TABLE.sub(lambda found: found[1] + TABLES[found[2]]() + found[3], text)


def pages() -> list[Path]:
    """The reference pages that hold a table."""
    return sorted(path for path in FOLDER.glob("*.md") if _TABLE.search(path.read_text(encoding="utf-8")))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + "\n"


def _code(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").splitlines()[0].replace("``", "`")


def commands() -> str:
    """Every command with its arguments and options, as ``--help`` says them."""
    import click

    from fangkong.faces.cli.main import cli

    def shown(name: str, command: click.Command) -> str:
        if isinstance(command, click.Group):
            context = click.Context(command)
            found = ((sub, command.get_command(context, sub)) for sub in command.list_commands(context))
            below = "".join(shown(f"{name} {sub}", inner) for sub, inner in found if inner is not None)
            # A group that is a command by itself too (`fangkong purge --person KEY`) has its own section.
            return (section(name, command) if command.params else "") + below
        return section(name, command)

    def section(name: str, command: click.Command) -> str:
        arguments = [p for p in command.params if isinstance(p, click.Argument)]
        options = [p for p in command.params if isinstance(p, click.Option)]
        usage = " ".join([name, *map(_argument, arguments)])
        text = f"\n## `{usage}`\n\n{_first_line(command.callback)}\n"
        return text + (
            _table(("option", "meaning"), map(_option, options)).rstrip("\n") + "\n" if options else ""
        )

    def _argument(argument: click.Argument) -> str:
        several = argument.nargs < 0 and not argument.metavar
        return f"{argument.human_readable_name}{'…' if several else ''}"

    def _option(option: click.Option) -> tuple[str, str]:
        kind = option.metavar or _VALUES.get(option.type.name, option.type.name).upper()
        takes = "" if option.is_flag else f" {kind}"
        if isinstance(option.type, click.Choice):
            takes = " " + " or ".join(option.type.choices)
        notes = [option.help or ""]
        if option.required:
            notes.append("Required.")
        if option.multiple and "several" not in notes[0]:
            notes.append("May be given several times.")
        if option.show_default and not option.is_flag:
            notes.append(f"Default: {option.default}.")
        return f"`{', '.join(option.opts)}{takes}`", " ".join(filter(None, notes))

    return shown("fangkong", cli) + "\n"


def roles() -> str:
    """Role by permission."""
    from fangkong.faces.words.catalogue import word
    from fangkong.record.access.actor import roles as held

    rows = [
        (f"`{role}`", word(f"role.{role}", "en"), word(f"role.{role}", "zh"), _code(entry["may"]))
        for role, entry in held().items()
    ]
    return _table(("role", "in English", "in Chinese", "may"), rows)


def permissions() -> str:
    """Permission by role."""
    from fangkong.record.access.actor import roles as held
    from fangkong.record.access.actor import roles_that_may

    named = sorted({permission for entry in held().values() for permission in entry["may"]})
    return _table(("permission", "roles"), ((f"`{each}`", _code(roles_that_may(each))) for each in named))


def reactions() -> str:
    """Event kind, name of the reaction, what it does."""
    from fangkong.command.reactions.table import TABLE

    rows = [
        (f"`{kind}`", f"`{name}`", _first_line(reacts))
        for kind, told in TABLE.items()
        for name, reacts in told
    ]
    return _table(("event", "reaction", "what follows"), rows)


def tables() -> str:
    """Every table of the record: whether it is bitemporal, what it holds, its fields."""
    from django.apps import apps

    from fangkong.record.models import Versioned

    rows = []
    for model in sorted(apps.get_app_config("record").get_models(), key=lambda each: each.__name__):
        versioned = issubclass(model, Versioned)
        fields = model.fact_fields() if versioned else model._meta.concrete_fields
        shown = _code(field.name for field in fields if field.name != "id")
        rows.append((f"`{model.__name__}`", "yes" if versioned else "no", _first_line(model), shown))
    return _table(("table", "versions", "one row is", "fields"), rows)


def targets() -> str:
    """Target of a mapping: fields a row must fill and may fill."""
    from fangkong.desks.intake.mapping import TARGETS

    rows = [(f"`{name}`", _code(sorted(must)), _code(sorted(may))) for name, (must, may) in TARGETS.items()]
    return _table(("target", "every row fills", "a row may fill"), rows)


def packaged() -> str:
    """The mappings that come with Fangkong."""
    from fangkong.desks.intake.mapping import read_mapping
    from fangkong.desks.intake.recognition import PACKAGED

    held = [read_mapping(path) for path in sorted(PACKAGED.glob("*.toml"))]
    return _table(
        ("code", "what", "target"),
        ((f"`{m.code}`", f"{m.title_en} {m.title_zh}", f"`{m.target}`") for m in held),
    )


def reasons() -> str:
    """Reasons for which a row is not accepted, in both languages."""
    from fangkong.faces.words.catalogue import codes, word

    start = "intake.reason."
    found = sorted(code.removeprefix(start) for code in codes() if code.startswith(start))
    return _table(
        ("reason", "in English", "in Chinese"),
        ((f"`{each}`", word(start + each, "en"), word(start + each, "zh")) for each in found),
    )


def issue_codes() -> str:
    """Every issue code with its severity, what becomes of the row, and its words."""
    from fangkong.faces.words.catalogue import word
    from fangkong.science.tables.codes import severities
    from fangkong.science.tables.outcomes import OUTCOMES, rank_of

    rows = (
        (f"`{code}`", severity, OUTCOMES[rank_of([code])], word(f"intake.issue.{code.lower()}", "en"))
        for code, severity in sorted(severities().items())
    )
    return _table(("code", "severity", "the row is", "what is wrong, what to do"), rows)


def kill_points() -> str:
    """Every registered kill point."""
    import importlib
    import pkgutil

    import fangkong
    from fangkong.core.killpoints import registered

    for module in pkgutil.walk_packages(fangkong.__path__, "fangkong."):
        if ".tests" not in module.name and ".migrations" not in module.name:
            importlib.import_module(module.name)
    return _table(("registered point",), ((f"`{name}`",) for name in registered()))


TABLES: dict[str, Callable[[], str]] = {
    each.__name__: each
    for each in (
        commands,
        roles,
        permissions,
        reactions,
        tables,
        targets,
        packaged,
        reasons,
        issue_codes,
        kill_points,
    )
}


def main() -> None:
    """Write every table of docs/reference anew."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangkong.settings")
    django.setup()
    for page in pages():
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
