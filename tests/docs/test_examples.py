"""What the documentation tells a reader to do works, and what it says of the code is so."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path

import click
import pytest

from tests.docs import reference_tables
from tests.docs.examples import CHECKOUT, PAGES, Run, steps_of
from tests.running import fangkong

SOURCE = CHECKOUT / "src" / "fangkong"
FILES = Path(__file__).parent / "files"
REFERENCE = CHECKOUT / "docs" / "reference"

RUNNING = [page for page in PAGES if any(step.kind == "runs" for step in steps_of(page))]


def name_of(page: Path) -> str:
    return str(page.relative_to(CHECKOUT))


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory) -> Path:
    """An installation with tables and nothing in them: making the tables anew for every page takes seconds."""
    home = tmp_path_factory.mktemp("home") / "var"
    fangkong(home, "init")
    return home


@pytest.mark.parametrize("page", RUNNING, ids=name_of)
def test_the_examples_of_a_page_run_and_print_what_it_says(page, tmp_path, empty_home):
    (tmp_path / ".venv").symlink_to(sys.prefix)
    if page == CHECKOUT / "README.md":
        # The first page a reader sees starts from nothing.
        for file in FILES.iterdir():
            shutil.copy(file, tmp_path)
    else:
        shutil.copytree(empty_home, tmp_path / "var")
    run = Run(tmp_path)
    for step in steps_of(page):
        run.take(step)


def test_there_are_pages_whose_examples_run():
    assert {"README.md", "docs/how-to/receive-your-own-file.md"} <= {name_of(page) for page in RUNNING}


def test_the_file_of_the_tutorial_is_the_same_in_both_languages():
    english, chinese = (
        (CHECKOUT / "docs" / "tutorials" / name).read_text(encoding="utf-8")
        for name in ("first-day.md", "first-day.zh.md")
    )
    rows = re.findall(r"^(?:样本编号|XX-).*$", english, re.MULTILINE)
    assert len(rows) == 4
    assert rows == re.findall(r"^(?:样本编号|XX-).*$", chinese, re.MULTILINE)


def test_the_tutorial_names_pages_and_buttons_as_the_console_does():
    words = _words()
    for name, lang in (("first-day.md", "en"), ("first-day.zh.md", "zh")):
        page = (CHECKOUT / "docs" / "tutorials" / name).read_text(encoding="utf-8")
        text = "\n".join(word[lang] for word in words.values())
        missing = {bold for bold in re.findall(r"\*\*(.+?)\*\*", page) if bold not in text}
        assert missing == set()


@pytest.mark.parametrize("page", reference_tables.pages(), ids=name_of)
def test_the_tables_of_the_reference_are_those_of_the_code(page):
    text = page.read_text(encoding="utf-8")
    assert text == reference_tables.filled(text), "run: python -m tests.docs.reference_tables"


def test_every_command_and_option_is_in_the_reference():
    from fangkong.faces.cli.main import cli

    text = (REFERENCE / "cli.md").read_text(encoding="utf-8")

    def walk(name: str, command: click.Command) -> None:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for sub in command.list_commands(context):
                inner = command.get_command(context, sub)
                assert inner is not None
                walk(f"{name} {sub}", inner)
            if not command.params:
                return
        assert f"## `{name}" in text
        section = text.split(f"## `{name}", 1)[1].split("\n## ", 1)[0]
        for option in (param for param in command.params if isinstance(param, click.Option)):
            assert all(spelled in section for spelled in option.opts), f"{name}: {option.opts}"

    walk("fangkong", cli)


def test_commands_in_the_pages_exist():
    from fangkong.faces.cli.main import COMMANDS

    named = {
        (name_of(page), command)
        for page in PAGES
        for command in re.findall(
            r"(?:^|`|/)fangkong ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert {pair for pair in named if pair[1] not in COMMANDS} == set()


def test_every_variable_of_the_environment_is_documented():
    files = [*SOURCE.rglob("*.py"), *(CHECKOUT / "tests").rglob("*.py"), CHECKOUT / "conftest.py"]
    read = {
        found
        for file in files
        for found in re.findall(r"[\"'](FANGKONG_[A-Z_]+[A-Z])[\"']", file.read_text(encoding="utf-8"))
    }
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    assert {"FANGKONG_HOME", "FANGKONG_KEYFILE"} <= read
    assert {name for name in read if f"`{name}`" not in text} == set()


def test_fields_of_a_mapping_are_documented():
    import dataclasses

    from fangkong.desks.intake.mapping import KINDS, REFUSING, Column, FileMapping, Later, Measure

    text = (REFERENCE / "mappings.md").read_text(encoding="utf-8")
    tables = {
        "columns": "[[column]]",
        "measures": "[[measure]]",
        "areas": "[[area]]",
        "constants": "[constants]",
    }
    made = {"digest", "file"}
    fields = {each.name for each in dataclasses.fields(FileMapping)} - made
    fields |= {each.name for part in (Column, Measure, Later) for each in dataclasses.fields(part)}
    assert {name for name in fields if f"`{tables.get(name, name)}`" not in text and name != "later"} == set()
    assert {reason for reason in REFUSING if f"`{reason}`" not in text} == set()
    assert {kind for kind in KINDS if f"`{kind}`" not in text} == set()


def test_limits_named_in_the_pages_are_those_of_the_code():
    from fangkong.desks.intake.limits import limits
    from fangkong.record.identities import SEARCHES_PER_HOUR, UNMASK_MINUTES

    mappings = (REFERENCE / "mappings.md").read_text(encoding="utf-8")
    assert f"{limits().file_bytes // 10**6} MB" in mappings
    assert f"{limits().field_characters:,}" in mappings
    assert f"{limits().line_characters:,}" in mappings
    people = (CHECKOUT / "docs" / "explanation" / "people.md").read_text(encoding="utf-8")
    assert f"for {UNMASK_MINUTES} minutes" in people
    assert f"{SEARCHES_PER_HOUR} an hour" in people


def test_events_named_in_the_reference_are_emitted():
    text = (REFERENCE / "events-and-reactions.md").read_text(encoding="utf-8")
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if "tests" not in path.parts
    )
    kinds = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", text.split("<!-- end -->")[1]))
    assert kinds
    # Kinds made of two parts in the code: "{kind}.issued" of a report's kind.
    issued = {f"{kind}.issued" for kind in ("situation_report", "open_figures") if f'"{kind}"' in code}
    assert {kind for kind in kinds if f'"{kind}"' not in code} <= issued


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if target.startswith(("https://", "http://")):
            continue
        path, _, _ = target.partition("#")
        assert (page.parent / path).exists(), f"{name_of(page)}: {target}"


def test_pages_name_no_machine():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found = re.findall(r"(?<![\w.])/(?:home|root|work|tmp|Users)/\S*", text)
        assert found == [], name_of(page)


def test_terms_of_the_glossary_are_the_words_of_the_pages():
    chinese = "\n".join(word["zh"] for word in _words().values())
    text = (CHECKOUT / "GLOSSARY.md").read_text(encoding="utf-8")
    on_pages = text.split("\n## ")[1]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|", on_pages, re.MULTILINE)
    terms = {english: chinese_term for english, chinese_term in rows if english not in ("English", "---")}
    assert len(terms) > 40
    unused = {
        english
        for english, term in terms.items()
        if not any(part in chinese for part in re.split("[（）、/]", term) if part)
    }
    assert unused == set()


def _words() -> dict[str, dict[str, str]]:
    files = (SOURCE / "faces" / "words").glob("*.toml")
    return {code: word for file in files for code, word in tomllib.loads(file.read_text("utf-8")).items()}
