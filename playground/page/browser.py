"""The person's own browser, opened at the page where there is one to open."""

import os
import sys
import threading
import webbrowser

WINDOWS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
"""What says that a browser opens a window of its own: without any, Python would start one inside the terminal."""


def open_browser(url: str) -> None:
    """Open the page, without waiting for the browser; without one nothing happens, since the address is printed."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in WINDOWS):
        return
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
