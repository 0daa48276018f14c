"""Papers: the situation report as a page model, a PDF and a Word file, in Chinese or English."""

from .pdf import situation_pdf
from .view import paper_view
from .word_file import situation_docx

__all__ = ["paper_view", "situation_docx", "situation_pdf"]
