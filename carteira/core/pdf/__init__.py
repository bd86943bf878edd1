"""Documents as PDF, by typst in a child process. See README.md."""

from carteira.core.pdf.make import CannotPrint, make_pdf

__all__ = ["CannotPrint", "make_pdf"]
