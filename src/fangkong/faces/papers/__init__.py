"""Papers: report, pack of a day, notices of an order, as page model, PDF and Word, in Chinese or English."""

from .day_pack import day_pack_pdf
from .household_notice import household_notice_docx, household_notice_pdf, household_view
from .order_notice import notice_view, order_notice_docx, order_notice_pdf
from .pdf import situation_pdf
from .view import paper_view
from .word_file import situation_docx

__all__ = [
    "day_pack_pdf",
    "household_notice_docx",
    "household_notice_pdf",
    "household_view",
    "notice_view",
    "order_notice_docx",
    "order_notice_pdf",
    "paper_view",
    "situation_docx",
    "situation_pdf",
]
