"""An act on a household in the browser: found by a case or a code, shown as one, decided as one, one paper."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
import pytest
from pypdf import PdfReader

from fangkong.faces.web.board.tests.made_city import DISEASE, LAST, NEAR, made_city, put
from fangkong.record.models import Contact, Household, HouseholdMember, Order, Person, PersonArea

from .made_orders import colleague
from .test_order_pages import CJK, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> str:
    """P4 and her child, contacts of P0's case C0, live with P0 and with a lodger of whom nothing is known."""
    made_city(4)
    put(Household, {"key": "home-1", "area_code": NEAR})
    people = ("P0", "P4", "kid", "lodger")
    put(Person, {"key": "kid", "birth_year": 2014, "carer_key": "P4"}, {"key": "lodger"})
    ties = [{"key": f"tie-{who}", "person_key": who, "kind": "home", "area_code": NEAR} for who in people]
    put(PersonArea, *ties)
    rows = [{"key": f"home-1-{who}", "household_key": "home-1", "person_key": who} for who in people]
    put(HouseholdMember, *rows)
    kid: dict[str, Any] = {"key": "K1", "case_key": "C0", "person_key": "kid", "disease": DISEASE}
    put(Contact, kid | {"area_code": NEAR, "tier": "close", "last_exposure_on": LAST, "identified": True})
    return "home-1"


def proposed(client, home: str) -> str:
    form = {"of": "C0", "household": home, "disease": DISEASE, "reason": "C0"}
    sent = client.post("/orders/propose/household/", form)
    assert sent.status_code == 302
    return sent.headers["Location"].partition("?")[0]


@pytest.mark.parametrize("given", ["C0", "LJ-0000", "K1", "kid"])
def test_a_case_a_contact_and_a_person_lead_to_the_household_with_who_is_bound_and_why_not(home, given):
    client, _ = colleague("duty_officer")
    page = client.get("/orders/propose/household/", {"of": given})
    assert page.status_code == 200
    text = words_of(page)
    assert "没有接触或感染的记录" in text
    # The asymptomatic case itself: the eighth edition on record does not say.
    assert "规则库没有写明，须由人决定" in text
    assert "为 2 人提出" in text
    assert Order.objects.filter(subject_key=home).count() == 0


def test_what_nobody_knows_is_said_in_place(home):
    client, _ = colleague("duty_officer")
    page = client.get("/orders/propose/household/", {"of": "nobody"})
    assert page.status_code == 404
    assert "nobody" in page.content.decode()
    refused = client.post("/orders/propose/household/", {"of": "C0", "household": home, "disease": DISEASE})
    assert refused.status_code == 400
    assert "由哪名病例或接触者引起" in refused.content.decode()


def test_the_act_is_one_row_of_the_list_and_one_page(home):
    client, _ = colleague("duty_officer")
    address = proposed(client, home)
    listed = client.get("/orders/?show=to_decide")
    assert listed.content.decode().count(f'href="{address}"') == 1
    assert address in client.get("/orders/?show=to_decide&subject=household").content.decode()
    keys = set(Order.objects.filter(subject_key=home).values_list("key", flat=True))
    # No row of their own beside the household's.
    assert not [key for key in keys if f'href="/orders/{key}/"' in listed.content.decode()]
    for language in ("zh-hans", "en"):
        reader, _ = colleague("health_authority", language, language=language)
        for path in (address, "/orders/propose/household/?of=C0", "/orders/?show=to_decide"):
            text = words_of(reader.get(path))
            assert "‹" not in text
            if language == "en":
                assert CJK.findall(text) == [], path


def test_all_are_decided_together_and_the_single_page_says_so(home):
    client, _ = colleague("duty_officer")
    address = proposed(client, home)
    first = Order.objects.open().get(person_key="kid")
    doctor, _ = colleague("health_authority")
    alone = doctor.post(f"/orders/{first.key}/decide/", {"decision": "approve", "reason": "看过"})
    assert alone.status_code == 409
    assert "整户" in alone.content.decode()
    # Rows in force on the day rest on an unverified part: without a reason nothing of it is signed.
    bare = doctor.post(f"{address}decide/", {"decision": "approve", "reason": ""})
    assert bare.status_code == 400
    assert set(Order.objects.open().filter(subject_key=home).values_list("state", flat=True)) == {"proposed"}
    done = doctor.post(f"{address}decide/", {"decision": "approve", "reason": "事实已核"})
    assert done.status_code == 302
    assert set(Order.objects.open().filter(subject_key=home).values_list("state", flat=True)) == {"approved"}
    assert "不在这件令内的成员" in words_of(client.get(address))


def test_the_household_is_refused_as_a_whole_with_a_reason(home):
    client, _ = colleague("duty_officer")
    address = proposed(client, home)
    doctor, _ = colleague("health_authority")
    doctor.post(f"{address}decide/", {"decision": "reject", "reason": "接触不成立"})
    assert set(Order.objects.open().filter(subject_key=home).values_list("state", flat=True)) == {"rejected"}
    assert doctor.get(f"{address}notice.pdf").status_code == 409


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_one_paper_lists_everybody_by_code_and_nobody_by_name(home, language):
    client, _ = colleague("duty_officer")
    address = proposed(client, home)
    doctor, _ = colleague("health_authority", language=language)
    doctor.post(f"{address}decide/", {"decision": "approve", "reason": "seen"})
    pdf = doctor.get(f"{address}notice.pdf")
    told = "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)
    word = docx.Document(BytesIO(doctor.get(f"{address}notice.docx").content))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    for text in (told, "\n".join([*(paragraph.text for paragraph in word.paragraphs), *cells])):
        assert "kid" in text
        assert "P4" in text
        assert "lodger" not in text
        assert "LJ-0000" not in text, "the paper leaves the office: it names no case"


def test_whoever_may_not_propose_has_neither_form_nor_link(home):
    client, _ = colleague("oversight")
    assert client.get("/orders/propose/household/?of=C0").status_code == 403
    investigator, _ = colleague("duty_officer")
    assert "propose/household/?of=C0" in investigator.get("/cases/C0/").content.decode()
