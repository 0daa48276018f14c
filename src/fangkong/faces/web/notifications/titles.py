"""What each notice is about, by its title: ten replies to directives are told apart before one is opened."""

from __future__ import annotations

from collections.abc import Iterable

from fangkong.command.directives.queries import directives_named
from fangkong.command.models import Gap, Notification
from fangkong.faces.web.command.task_rows import deed_of
from fangkong.faces.web.viewing import Viewing
from fangkong.record.access import visible
from fangkong.record.models import Document, Task

#: What a notice is about -> whose title it bears: "my_day" names the first of the tasks that were given.
_TITLED = {"directive": "directive", "task": "task", "my_day": "task", "gap": "gap"}


def titles_of(notes: Iterable[Notification], viewing: Viewing) -> dict[str, str]:
    """Key of the notice -> title of its directive, task, gap or minutes; left out where there is none to read.

    Four queries at most for any number of notices. A title is only given to a reader who may open its page.
    """
    keys: dict[str, set[str]] = {"directive": set(), "task": set(), "gap": set(), "minutes": set()}
    rows = [(note, _TITLED[note.subject_kind]) for note in notes if note.subject_kind in _TITLED]
    for note, kind in rows:
        keys[kind].add(note.subject_key)
    actor, at = viewing.actor, viewing.at
    found: dict[tuple[str, str], str] = {}
    if keys["directive"] and actor.may("directive.read"):
        named = directives_named(keys["directive"], actor=actor, at=at)
        found |= {("directive", key): directive.title for key, directive in named.items()}
    if keys["task"] and actor.may("task.read"):
        tasks = visible(Task.objects.known_at(at).filter(key__in=keys["task"]), actor)
        found |= {("task", task.key): deed_of(task) for task in tasks}
    if keys["gap"] and actor.may("review.read"):
        gaps = visible(Gap.objects.known_at(at).filter(key__in=keys["gap"]), actor)
        found |= {("gap", key): title for key, title in gaps.values_list("key", "title")}
    if keys["minutes"] and actor.may("minutes.confirm"):
        papers = visible(Document.objects.known_at(at).filter(key__in=keys["minutes"]), actor)
        found |= {("minutes", key): title for key, title in papers.values_list("key", "title")}
    titles = {note.key: found.get((kind, note.subject_key), "") for note, kind in rows}
    return {key: title for key, title in titles.items() if title}
