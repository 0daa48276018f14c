"""The settings: read anew each time, but once within a request."""

from __future__ import annotations

import pytest

from fangkong.record.installation import installation, installation_set, read_once
from fangkong.record.models import Setting

pytestmark = pytest.mark.django_db


def test_outside_of_a_request_every_reading_asks_the_record(django_assert_num_queries):
    with django_assert_num_queries(2):
        installation()
        installation()


def test_within_a_request_the_first_reading_serves_all(django_assert_num_queries):
    with django_assert_num_queries(1), read_once():
        assert installation() is installation()


@read_once()
def request_that_fails():
    installation()
    raise LookupError


def test_the_next_request_reads_anew_also_after_one_that_failed():
    with pytest.raises(LookupError):
        request_that_fails()
    Setting.objects.create(name="disease", value="sars")
    assert installation().disease == "sars"
    with read_once():
        assert installation().disease == "sars"


def test_who_writes_the_settings_reads_them_from_then_on():
    with read_once():
        assert installation().disease == ""
        assert installation_set(actor="test", disease="mers").disease == "mers"
        Setting.objects.filter(name="disease").update(value="sars")
        assert installation().disease == "sars"
    with read_once():
        assert installation().disease == "sars"
