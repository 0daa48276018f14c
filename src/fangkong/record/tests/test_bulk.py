"""What is done in bulk is what is done one by one."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.keys import near_key, near_part, run_of, stable_key
from fangkong.record.columns import _copied, _Texts
from fangkong.record.identities import FIELDS, _json
from fangkong.record.identity_index import (
    DIGEST_BYTES,
    KINDS,
    index_digest,
    normalise,
    packed_digests,
    search_digest,
)
from fangkong.record.keyring import keyring
from fangkong.record.load import load, load_facts
from fangkong.record.models import Case, Event
from fangkong.record.pinyin import pinyin, spelled

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
COMMON = st.sampled_from("王李张刘陈重庆长乐单仇解曾查盖区尉迟银行会计 ·a")
KNOWN = datetime(2022, 4, 20, 1, tzinfo=UTC)

IDENTITIES = st.dictionaries(
    st.sampled_from(FIELDS), st.text(st.one_of(HAN, COMMON, st.characters()), max_size=9)
)


class TestPinyin:
    @given(st.text(st.one_of(HAN, COMMON), max_size=5))
    def test_a_name_is_read_as_pypinyin_reads_it(self, name):
        assert pinyin(name) == spelled(name)


class TestDigests:
    @given(st.text(max_size=30))
    def test_the_digest_is_hmac_sha_256(self, value):
        ring = keyring()
        text = f"phone:{normalise('phone', value)}"
        assert (
            search_digest(ring, "phone", value)
            == hmac.new(ring.search, text.encode(), hashlib.sha256).hexdigest()
        )

    @given(st.lists(IDENTITIES, max_size=4))
    def test_those_of_many_are_those_of_each(self, identities):
        ring = keyring()

        def one_by_one(identity: dict[str, str]) -> bytes:
            said = identity | {"pinyin": pinyin(identity.get("name", ""))}
            digests = [index_digest(ring, kind, said[kind]) if said.get(kind) else "" for kind in KINDS]
            return b"".join(bytes.fromhex(digest) or bytes(DIGEST_BYTES) for digest in digests)

        assert packed_digests(ring, identities) == [one_by_one(each) for each in identities]


class TestTexts:
    @given(IDENTITIES)
    def test_an_identity_is_sealed_as_json_writes_it(self, identity):
        assert _json(identity) == json.dumps(identity, ensure_ascii=False)

    @given(
        st.lists(st.text(max_size=5) | st.sampled_from(["\\", "a\tb", "\n"]))
        | st.lists(st.binary(max_size=3))
    )
    def test_a_column_of_one_type_is_copied_as_value_by_value(self, values):
        texts = _Texts()
        assert list(_copied(values)) == [texts[value] for value in values]


class TestKeys:
    def test_keys_of_one_run_stand_together(self):
        keys = [near_key("case", "run", number) for number in range(50)]
        assert len(set(keys)) == 50
        assert {run_of(key) for key in keys} == {near_part("run")}
        assert run_of(stable_key("case", 1)) == ""


class TestFacts:
    def test_facts_in_bulk_leave_what_facts_one_by_one_leave(self, db):
        def case(number: int, day: str, **more: object) -> dict[str, object]:
            fact = {"case_no": str(number), "person_key": f"p{number}", "disease": "d", "area_code": "990101"}
            return {
                "key": f"case-{number}",
                "known_from": KNOWN,
                "classification": "confirmed",
                "reported_on": day,
                **fact,
                **more,
            }

        def rows() -> list[tuple[object, ...]]:
            return list(
                Case.objects.order_by("key", "known_from").values_list(
                    "key", "known_from", "known_to", "reported_on", "onset_on", "age_years", "channel"
                )
            )

        first = [case(1, "2022-04-19"), case(2, "2022-04-19", age_years=30, onset_on="2022-04-18")]
        again = [case(2, "2022-04-19", known_from=KNOWN.replace(hour=5)), case(3, "2022-04-20")]
        told: list[str] = []

        def tell(model: object, row: dict[str, object]) -> None:
            told.append(str(row["key"]))

        outcome = load_facts(Case, first, actor="t", source_key="r", after_insert=tell)
        outcome.add(load_facts(Case, [*again, again[1]], actor="t", source_key="r", after_insert=tell))
        in_bulk = rows()
        Case.objects.all().delete()
        by_one = load(Case, first, actor="t", source_key="r")
        by_one.add(load(Case, [*again, again[1]], actor="t", source_key="r"))
        assert in_bulk == rows()
        assert (outcome.inserted, outcome.revised, outcome.unchanged) == (3, 1, 1)
        assert (by_one.inserted, by_one.revised, by_one.unchanged) == (3, 1, 1)
        assert sorted(told) == ["case-1", "case-2", "case-2", "case-3"]
        assert not Event.objects.exists()
