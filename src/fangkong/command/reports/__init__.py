"""What the office reports: open figures and the daily situation report, as codes and figures."""

from .day_pack import day_pack
from .figures import figures_json
from .issue import open_figures_issue, report_current, report_get, report_issue, report_sign
from .situation import situation_report

__all__ = [
    "day_pack",
    "figures_json",
    "open_figures_issue",
    "report_current",
    "report_get",
    "report_issue",
    "report_sign",
    "situation_report",
]
