"""An open thing in words, the same on the close-out's page, the hand-over's paper and the day's pack."""

from __future__ import annotations

from fangkong.faces.words.catalogue import has_word, word


def line_words(code: str, about: str, lang: str | None) -> str:
    """ "督办逾期时限：签收指令": what is to be done, and of which thing where ``about`` names one.

    Both are codes of words; of a code that a local pack brought, its last part stands.
    """
    said = [word(each, lang) if has_word(each) else each.rpartition(".")[2] for each in (code, about) if each]
    return word("frame.colon", lang).join(said)
