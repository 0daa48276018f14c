"""Signing in as the demonstration's people."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page


def password(home: Path) -> str:
    return (home / "demo-password.txt").read_text().strip()


def sign_in(page: Page, home: Path, name: str) -> None:
    page.goto("/sign-in/")
    page.fill("#username", name)
    page.fill("#password", password(home))
    page.click("form.form button.btn--main")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
