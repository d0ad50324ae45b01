"""The system's own Chromium, for tests and pictures; playwright would bring one of a few hundred megabytes."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW_TO_GET_IT = f"apt-get install chromium, or another package that brings one of {', '.join(NAMES)}"


def system_chromium() -> str | None:
    """Give the path of the browser, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def chromium_arguments() -> list[str]:
    """Give what it must be started with: its sandbox does not start for root."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []
