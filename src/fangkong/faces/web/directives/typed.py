"""What people type into the forms of directives and duties: offices, lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskLine:
    """One line of a list of tasks: what is to be done, and the area where it is not that of the form."""

    title: str
    area_code: str = ""


def office_typed(given: str) -> dict[str, str]:
    """The office that a ticked box means: ``area|role``.

    >>> office_typed("990101|district_officer")
    {'area_code': '990101', 'role': 'district_officer', 'unit': ''}
    """
    area_code, _, role = given.partition("|")
    return {"area_code": area_code[:24], "role": role[:24], "unit": ""}


def task_lines(given: str) -> list[TaskLine]:
    """The tasks of a text, one for each line; an area code before a bar says where.

    >>> task_lines("990101001 | 复核第一网格")
    [TaskLine(title='复核第一网格', area_code='990101001')]
    """
    found = []
    for line in given.splitlines():
        head, bar, tail = line.partition("|")
        if bar and head.strip().isalnum() and head.strip().isascii() and tail.strip():
            found.append(TaskLine(tail.strip()[:400], head.strip()[:24]))
        elif line.strip():
            found.append(TaskLine(line.strip()[:400]))
    return found
