"""A report of an invented city, with a figure or a refusal in every field."""

from __future__ import annotations

from typing import Any

SOURCE = "receipt-aaaa"
SHA = "5f" * 32


def figure(code: str, value: float, **more: Any) -> dict[str, Any]:
    return {"code": code, "value": value, "sources": [SOURCE], "as_of": "2022-04-17", **more}


def refused(code: str, why: str, **params: Any) -> dict[str, Any]:
    return {"code": code, "refusal": why, "params": params}


def nobody(*codes: str) -> list[dict[str, Any]]:
    return [refused(code, "no_desk_yet") for code in codes]


WINDOW = {"first_day": "2022-04-11", "last_day": "2022-04-17"}


def made_report() -> dict[str, Any]:
    """The content of a report as ``command.reports`` gives it out."""
    areas = [
        {
            "code": f"9901{n:02d}",
            "name_zh": f"柳堤{n}区",
            "name_en": f"Liudi {n}",
            "population": 400_000,
            "status": "reported" if n % 3 else "not_published",
            "confirmed": n if n % 3 else None,
            "asymptomatic": 7 * n if n % 3 else None,
            "deaths": None,
            "sum": 31 * n if n % 3 else None,
            "days_published": 7 if n % 3 else 0,
            "days": 7,
            "sources": [SOURCE],
        }
        for n in range(1, 17)
    ]
    days = [
        {
            "day": f"2022-04-{n:02d}",
            "status": "reported" if n != 9 else "not_published",
            "infections": 1200 + n if n != 9 else None,
            "confirmed": 40 + n if n != 9 else None,
            "asymptomatic": 1160 if n != 9 else None,
            "converted": None,
            "deaths": 0 if n != 9 else None,
            "sources": [SOURCE],
        }
        for n in range(4, 18)
    ]
    return {
        "kind": "situation_report",
        "as_of": "2022-04-18",
        "known_at": "2022-04-18T15:59:59+00:00",
        "known_through": "2022-04-17",
        "disease": "covid-19",
        "area": {"code": "9901", "name_zh": "临江市", "name_en": "Linjiang"},
        "lead": [
            {
                "code": "new_infections_in_control",
                "params": {
                    "day": "2022-04-17",
                    "n": 1217,
                    "control_share": [1011, 1217],
                    "sources": [SOURCE],
                },
            },
            {
                "code": "direction_level",
                "params": {
                    "rate": 0.91,
                    "rate_interval": [0.76, 1.08],
                    "level_share": [95, 100],
                    "last_day": "2022-04-17",
                },
            },
        ],
        "new": [
            figure("new_infections", 1217),
            figure("new_confirmed", 57),
            figure("new_asymptomatic", 1160),
            refused("new_deaths", "not_published_that_day", day="2022-04-17"),
        ],
        "cumulative": [
            figure("total_confirmed", 4820, params={"since": "2022-03-01", "days_missing": 1}),
            figure("total_asymptomatic", 51234, params={"since": "2022-03-01", "days_missing": 0}),
            refused("total_deaths", "nothing_published"),
        ],
        "origin": [refused("new_imported", "origin_not_published")],
        "found_in_control": figure("found_in_control", 1011, of=1217),
        "spread": [
            figure("reproduction", 0.91, interval=[0.76, 1.08, 0.95], params=WINDOW),
            figure("below_one", 0.87, params=WINDOW),
            figure("growth", -0.021, interval=[-0.06, 0.018, 0.95], params=WINDOW),
            refused("change_time", "steady"),
        ],
        "areas": areas,
        "chains": {
            "entries": [figure("linked_cases", 98, of=162)],
            "rows": [{"case": "LJ_14", "links": 38}, {"case": "LJ_1", "links": 26}],
        },
        "verifications": [figure("contacts_identified", 36, of=37)],
        "tests": [
            figure("tests", 2310),
            figure("positivity", 31, of=2310),
            figure("laboratory_turnaround", 7.4, params={"quantile": "90%", "n": 2300}),
        ],
        "care": [figure("in_treatment", 812), figure("severe", 3)],
        "measures": {
            "entries": [figure("measures_in_force", 412), figure("person_days", 3120)],
            "rows": [{"kind": "quarantine", "in_force": 400}, {"kind": "isolation", "in_force": 12}],
        },
        "surveillance": nobody("wastewater", "sentinel", "variants", "importation"),
        "timeliness": [
            figure("reported_in_time", 44, of=46, params=WINDOW),
            refused("detected_in_time", "no_limit_decided", **WINDOW),
            *nobody("assistance_replies"),
        ],
        "beds": nobody("beds", "icu", "emergency_waits", "staff_infected", "nursing_homes"),
        "vaccination": nobody("vaccination", "vaccination_60", "vaccination_80"),
        "supply": nobody("supply", "isolation_rooms", "tubes_capacity", "volunteers", "staples"),
        "risk_areas": [figure("risk_areas_high", 2), figure("risk_areas_medium", 5)],
        "people": [
            figure("restricted_days", 6.5, params={"orders": 412}),
            figure("appeals_upheld", 1, of=4),
            *nobody("businesses_closed", "cost_per_averted"),
        ],
        "complaints": {
            "entries": [figure("complaints", 31), figure("complaints_open", 4)],
            "rows": [{"theme": "", "n": 4}],
        },
        "incidents": [
            refused("care_refused", "no_gate_that_day", day="2022-04-18"),
            refused("problems_open", "none_recorded"),
            *nobody("incidents"),
        ],
        "command": {
            "entries": [
                figure("directives_running", 3),
                figure("receipts_awaiting", 1),
                refused("gaps_open", "none_recorded"),
                figure("duty_reached", 1, of=1),
            ],
            "rows": [
                {
                    "hazard": "epidemic",
                    "level": 2,
                    "area_code": "9901",
                    "starts_on": "2022-04-01",
                    "review_on": "2022-05-01",
                }
            ],
        },
        "next_day": {
            "entries": [figure("tasks_due", 14), figure("tasks_overdue", 2), figure("orders_to_decide", 9)],
            "rows": [{"role": "investigation_group", "due": 9, "overdue": 2}],
        },
        "days": days,
        "not_published": {"area": ["2022-04-09"], "districts": [], "after_last": ["2022-04-18"]},
        "document": {
            "id": "report-abcdefghijklmnopqrst",
            "issuer": {
                "organisation_zh": "临江市办公室",
                "organisation_en": "Linjiang Office",
                "rank": "city",
            },
            "legal_basis": [
                {"text": "传染病防治法(2013)第三十八条", "rule_row": "cn-law:x", "confidence": "verified"}
            ],
            "rule_edition": [
                {
                    "document": "ed8",
                    "title_zh": "防控方案（第八版）",
                    "title_en": "",
                    "confidence": "unverified",
                }
            ],
            "scope": {"kind": "area", "area_code": "9901"},
            "effective_on": "2022-04-18",
            "expires_on": "2022-04-19",
            "contact": {"role": "duty_officer"},
            "languages": ["zh", "en"],
        },
        "unknowns": [
            {"code": "new_deaths", "why": "not_published_that_day", "params": {"day": "2022-04-17"}},
            {"code": "days_area", "why": "not_published", "params": {"days": ["2022-04-09"]}},
            {"code": "beds", "why": "no_desk_yet", "params": {}},
            {"code": "supply", "why": "no_desk_yet", "params": {}},
        ],
        "sources": [
            {
                "key": SOURCE,
                "kind": "receipt",
                "mapping": "shanghai-city-daily",
                "sha256": SHA,
                "known_basis": "mapping",
            }
        ],
    }
