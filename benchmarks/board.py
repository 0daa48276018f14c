"""How long the board takes with 100,000 cases: warm, after each write, and while a file is being received.

The page is asked for over HTTP from a running server, as a district officer: the most restricted role that
may see it, so every count is cut to the district. Each answer is asked for anew; there is no response cache
to hit, and "after a write" revises a case before each request.
"""

from __future__ import annotations

import argparse
import csv
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from datetime import UTC, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from .figures import Section, middle, percentile, verdict
from .installation import (
    AREA,
    DISEASE,
    FANGKONG,
    SEED,
    case_rows,
    contact_rows,
    link_rows,
    prepare,
    run_part,
    throwaway_home,
)

CASES, PEOPLE, IMPORT_ROWS, REQUESTS = 100_000, 120_000, 50_000, 60
MEDIAN_TARGET_MS, P95_TARGET_MS = 200.0, 500.0
USERNAME, PASSWORD, DISTRICT = "bench-district", "bench-only-not-a-secret", "990105"
WARM_UP = 5
START_SECONDS = 60


def measure(cases: int = CASES, import_rows: int = IMPORT_ROWS, requests: int = REQUESTS) -> Section:
    """The board's latencies as a section."""
    with throwaway_home() as environment:
        sizes = ["--cases", str(cases), "--rows", str(import_rows), "--requests", str(requests)]
        return section(json.loads(run_part("board", *sizes, environment=environment)))


def section(found: dict) -> Section:  # type: ignore[type-arg]
    """The measured times as a table with targets."""
    table = Section(
        title="The board",
        lead=(
            f"`GET /` with {found['cases']:,} cases in the record, one in five with a known source and "
            f"one in five with a contact, as a district officer of one of "
            f"{found['districts']} districts; milliseconds until the whole page has arrived. "
            f"Targets: median below {MEDIAN_TARGET_MS:.0f} ms, 95th percentile below {P95_TARGET_MS:.0f} ms."
        ),
        columns=["state", "requests", "median ms", "p95 ms", "slowest ms", "median", "p95"],
    )
    for name, times in found["times"].items():
        if not times:
            table.notes.append(f"No request was answered in the state “{name}”: not measured.")
            continue
        half, most = middle(times), percentile(times, 0.95)
        table.rows.append(
            [
                name,
                str(len(times)),
                f"{half:.0f}",
                f"{most:.0f}",
                f"{max(times):.0f}",
                verdict(half, MEDIAN_TARGET_MS, "ms"),
                verdict(most, P95_TARGET_MS, "ms"),
            ]
        )
    table.notes.append(
        f"Page size {found['page_bytes']:,} bytes. Loading the record took {found['load_seconds']:.0f} s; "
        f"the file of {found['import_rows']:,} laboratory results took {found['import_seconds']:.0f} s to "
        "receive, beside the requests."
    )
    return table


class Visitor:
    """A browser's part of the work: one connection, cookies, the sign-in form."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, {}  # type: ignore[var-annotated]
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> tuple[int, str, bytes]:
        """(status, where it points to, body) of one request, without following it."""
        return self._send("GET", path, None)

    def sign_in(self, username: str, password: str) -> None:
        """Follow the board to the sign-in page and send its form. Raises RuntimeError when that fails."""
        _, location, _ = self.get("/")
        page = urlsplit(location)
        path = page.path + (f"?{page.query}" if page.query else "")
        _, _, body = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', body.decode())
        if token is None:
            raise RuntimeError(f"{path} holds no sign-in form")
        form = {"csrfmiddlewaretoken": token[1], "username": username, "password": password, "next": "/"}
        status, location, _ = self._send("POST", path, urlencode(form))
        if status != 302:
            raise RuntimeError(f"signing in answered {status}")

    def board(self) -> tuple[float, int]:
        """(milliseconds, bytes) of the board. Raises RuntimeError when it is not the page."""
        started = time.perf_counter()
        status, _, body = self.get("/")
        taken = (time.perf_counter() - started) * 1000
        if status != 200:
            raise RuntimeError(f"the board answered {status}: {body[:300]!r}")
        return taken, len(body)

    def _send(self, method: str, path: str, form: str | None) -> tuple[int, str, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body=form, headers=headers)
        answer = self.connection.getresponse()
        body = answer.read()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value
        return answer.status, answer.headers.get("Location", ""), body


def _fill(cases: int) -> tuple[list[str], int]:
    """Load areas, people with their ties, cases, links and contacts; returns (person keys, number of districts)."""
    from fangkong.record.actions import areas_load, user_create
    from fangkong.record.installation import installation_set
    from fangkong.record.load import load
    from fangkong.record.models import Case, Contact, Person, PersonArea, TransmissionLink, machine_now
    from fangkong.science.city import case_batch, city

    made = city(SEED, PEOPLE)
    batch = case_batch(made, cases, SEED)
    rows = case_rows(batch)
    first = min(row["known_from"] for row in rows) - timedelta(days=30)
    last = max(row["known_from"] for row in rows)
    shared = {"actor": "system:bench", "source_key": "bench", "known_from": first}
    areas_load(
        (
            {"key": a.code, "name_zh": a.name_zh, "name_en": a.name_en, "population": a.population}
            for a in made.areas
        ),
        **shared,
    )
    people = sorted(set(batch.person.tolist()))
    home = dict(zip(made.people.key.tolist(), made.people.home.tolist(), strict=True))
    load(Person, ({"key": person} for person in people), **shared)
    ties = ({"key": f"home-{p}", "person_key": p, "kind": "home", "area_code": home[p]} for p in people)
    load(PersonArea, ties, **shared)
    load(Case, rows, **shared)
    load(TransmissionLink, link_rows(rows), **shared)
    load(Contact, contact_rows(rows), **shared)
    opens_at = last + timedelta(hours=12)
    installation_set(
        actor="system:bench",
        area_code=AREA,
        disease=DISEASE,
        clock_offset=round((opens_at - machine_now()).total_seconds()),
    )
    user_create(
        USERNAME,
        PASSWORD,
        role="district_officer",
        area_code=DISTRICT,
        display_name="Bench",
        actor="system:bench",
    )
    return people, sum(code.startswith(AREA) for code in made.district_codes)


def _write_file(path: Path, people: list[str], rows: int, collected: str, resulted: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["样本编号", "证件号码", "人员编号", "区划代码", "采样时间", "结果时间", "结果", "检测机构"]
        )
        for number in range(rows):
            person = people[number % len(people)]
            writer.writerow([f"B{number:06d}", "", person, DISTRICT, collected, resulted, "阴性", "Bench"])


def _serve(port: int) -> subprocess.Popen[bytes]:
    command = [*FANGKONG, "serve", "--no-worker", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.1)
    server.kill()
    raise RuntimeError(f"the server did not answer within {START_SECONDS} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_one(number: int) -> None:
    """A small revision of one case, as a district corrects it."""
    from fangkong.record.installation import installation
    from fangkong.record.load import revise
    from fangkong.record.models import Case

    case = Case.objects.open().filter(area_code__startswith=DISTRICT).order_by("key")[number]
    severity = "mild" if case.severity == "moderate" else "moderate"
    revise(case, at=installation().now(), actor="system:bench", verb="case.revise", severity=severity)


def main() -> None:
    """Measure in this process's FANGKONG_HOME and print the times as JSON."""
    parser = argparse.ArgumentParser()
    for name, default in (("cases", CASES), ("rows", IMPORT_ROWS), ("requests", REQUESTS)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    prepare()
    started = time.perf_counter()
    people, districts = _fill(given.cases)
    load_seconds = time.perf_counter() - started
    print(f"loaded {given.cases:,} cases in {load_seconds:.0f} s", file=sys.stderr)
    from fangkong.record.installation import installation

    clock = installation().now().astimezone(UTC)
    moments = [(clock - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M") for hours in (30, 24)]
    path = Path(os.environ["FANGKONG_HOME"]) / "bench.csv"
    _write_file(path, people, given.rows, *moments)
    port = _free_port()
    server = _serve(port)
    times: dict[str, list[float]] = {"warm": [], "after a write": [], "while a file is received": []}
    try:
        visitor = Visitor(port)
        visitor.sign_in(USERNAME, PASSWORD)
        for _ in range(WARM_UP):
            _, size = visitor.board()
        for _ in range(given.requests):
            times["warm"].append(visitor.board()[0])
        for number in range(given.requests):
            _write_one(number)
            times["after a write"].append(visitor.board()[0])
        begun = time.perf_counter()
        command = [*FANGKONG, "receive", str(path), "--mapping", "lab-results", "--json"]
        receiving = subprocess.Popen(command, stdout=subprocess.PIPE)
        # Only requests that began while the file was still being received count.
        while receiving.poll() is None:
            times["while a file is received"].append(visitor.board()[0])
        import_seconds = time.perf_counter() - begun
        assert receiving.stdout is not None
        answer = json.loads(receiving.stdout.read())
        accepted = answer.get("accepted")
        if accepted != given.rows:
            raise RuntimeError(f"the file was not received whole: {json.dumps(answer)[:600]}")
    finally:
        server.terminate()
        server.wait(20)
    print(
        json.dumps(
            {
                "cases": given.cases,
                "districts": districts,
                "times": times,
                "page_bytes": size,
                "load_seconds": load_seconds,
                "import_rows": given.rows,
                "import_seconds": import_seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
