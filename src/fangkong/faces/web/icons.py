"""The icons of the look: paths on a 16 × 16 grid, drawn in the colour of the text around them."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# Shapes repeat what colour says (risk by bars, case status by dot, ring, diamond), so grey print still reads.
SHAPES: dict[str, str] = {
    "alert": '<path d="M8 2.2l6.2 11H1.8z"/><path d="M8 6.4v3.4M8 11.6v.2"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.4 1.6"/>',
    "stop": '<circle cx="8" cy="8" r="6"/><path d="M3.8 3.8l8.4 8.4"/>',
    "ok": '<path d="M3 8.5l3.2 3.2L13 5"/>',
    "lock": '<rect x="3.5" y="7" width="9" height="6.5" rx="1"/><path d="M5.5 7V5a2.5 2.5 0 015 0v2"/>',
    "search": '<circle cx="7" cy="7" r="4.3"/><path d="M10.3 10.3L14 14"/>',
    "back": '<path d="M3 8h9.5"/><path d="M6.5 4L2.6 8l3.9 4"/>',
    "moon": '<path d="M13 9.6A5.6 5.6 0 016.4 3a5.6 5.6 0 106.6 6.6z"/>',
    "close": '<path d="M4 4l8 8M12 4l-8 8"/>',
    "dot": '<circle cx="8" cy="8" r="4.5" fill="currentColor"/>',
    "ring": '<circle cx="8" cy="8" r="4.5" stroke-width="2"/>',
    "diamond": '<path d="M8 2.8L13.2 8 8 13.2 2.8 8z" fill="currentColor"/>',
    "bars1": '<path d="M3.5 13v-3" stroke-width="2.6"/>',
    "bars2": '<path d="M3.5 13v-3M8 13V7" stroke-width="2.6"/>',
    "bars3": '<path d="M3.5 13v-3M8 13V7M12.5 13V3.5" stroke-width="2.6"/>',
    "lockdown": '<rect x="3" y="3" width="10" height="10" fill="currentColor"/>',
    "control": '<rect x="3" y="3" width="10" height="10"/><path d="M3 3h10L3 13z" fill="currentColor"/>',
    "precaution": '<rect x="3" y="3" width="10" height="10"/>',
}


def svg(name: str, size: int = 16, *, hidden: bool = False) -> SafeString:
    """Inline SVG of an icon, `size` pixels square, hidden from screen readers: a word always stands beside
    it.

    `hidden` starts it hidden, for icons that a script swaps. Raises `ValueError` naming the icons there are.
    """
    if name not in SHAPES:
        raise ValueError(f"there is no icon {name}; there are {', '.join(sorted(SHAPES))}")
    return format_html(
        '<svg width="{0}" height="{0}" viewBox="0 0 16 16" fill="none" stroke="currentColor" '
        'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"{1}>{2}</svg>',
        size,
        mark_safe(" hidden") if hidden else "",
        mark_safe(SHAPES[name]),  # noqa: S308 the shapes are the constants above
    )


# Chip of a state: colour family, then icon. A code not listed is a plain grey chip with its word.
CHIPS: dict[str, tuple[str, str]] = {
    "task.state.awaiting": ("line", ""),
    "task.state.in_progress": ("measure", ""),
    "task.state.to_verify": ("mid", "clock"),
    "task.state.done": ("", "ok"),
    "task.state.overdue": ("high", "alert"),
    "task.state.returned": ("mid", "back"),
    "order.state.proposed": ("mid", "clock"),
    "order.state.approved": ("measure", "ok"),
    "order.state.active": ("measure", "ok"),
    "order.state.rejected": ("", "stop"),
    "order.state.suspended": ("high", "stop"),
    "order.state.superseded": ("line", "ok"),
    "case.class.confirmed": ("case", "dot"),
    "case.class.asymptomatic": ("case", "ring"),
    "case.class.suspected": ("case", "diamond"),
    "case.class.probable": ("case", "diamond"),
    "signal.state.open": ("mid", "clock"),
    "signal.state.verified": ("high", "alert"),
    "signal.state.investigated": ("measure", "ok"),
    "signal.state.closed": ("", "ok"),
    "receipt.outcome.accepted": ("", "ok"),
    "receipt.outcome.held": ("mid", "clock"),
    "receipt.outcome.rejected": ("high", "stop"),
    "receipt.state.staged": ("mid", "clock"),
    "receipt.state.applying": ("measure", "clock"),
    "receipt.state.applied": ("", "ok"),
    "receipt.state.refused": ("high", "stop"),
    "check.block": ("high", "stop"),
    "check.warn": ("mid", "alert"),
    "check.pass": ("", "ok"),
    "risk.low": ("low", "bars1"),
    "risk.mid": ("mid", "bars2"),
    "risk.high": ("high", "bars3"),
    "quality.complete": ("", "ok"),
    "quality.incomplete": ("mid", "clock"),
    "quality.held": ("mid", "clock"),
    "quality.missing": ("high", "alert"),
    "quality.refused": ("", "stop"),
    "order.basis.read": ("line", ""),
    "order.basis.unverified": ("mid", "alert"),
    "test.positive": ("case", "dot"),
    "test.negative": ("line", "ring"),
    "test.indeterminate": ("mid", "clock"),
}
