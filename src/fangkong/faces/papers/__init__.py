"""Papers: the situation report and the notices of an order, as page model, PDF and Word, in Chinese or English."""

from .order_notice import notice_view, order_notice_docx, order_notice_pdf
from .pdf import situation_pdf
from .view import paper_view
from .word_file import situation_docx

__all__ = [
    "notice_view",
    "order_notice_docx",
    "order_notice_pdf",
    "paper_view",
    "situation_docx",
    "situation_pdf",
]
