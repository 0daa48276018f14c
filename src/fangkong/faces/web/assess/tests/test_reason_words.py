"""Every reason that an estimate gives for an empty cell can be said, though a cell has no numbers to say it with."""

from __future__ import annotations

import pytest
from django.utils import translation

from fangkong.faces.web.assess.wordings import because
from fangkong.science.epi.forecast import FORECAST_REASON_CODES
from fangkong.science.epi.nowcast.result import REASON_CODES as NOWCAST
from fangkong.science.epi.reproduction_posterior import REASON_CODES as REPRODUCTION
from fangkong.science.epi.severity.reasons import REASON_CODES as SEVERITY

CODES = sorted({*FORECAST_REASON_CODES, *NOWCAST, *REPRODUCTION, *SEVERITY} - {""})


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("code", CODES)
def test_the_reason_of_a_cell_has_words(code, language):
    with translation.override(language):
        assert because(code, {})
