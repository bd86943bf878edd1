"""What the keeper says: to whoever waits for it, into its log, and what the server's log said last."""

import os
import time


class Failed(Exception):
    """The server cannot be kept; the text goes to whoever waits for it."""


def say(report: int, text: str) -> None:
    try:
        os.write(report, text.encode("utf-8", "replace"))
    except OSError:
        return  # whoever started us is gone; the server is kept all the same


def note(text: str) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        os.write(2, f"{stamp} [{os.getpid()}] {text}\n".encode("utf-8", "replace"))
    except OSError:
        return  # a full disk is no reason to let go of the server


def newest(folder: str, prefix: str) -> str:
    files = [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith(prefix)]
    return max(files, key=os.path.getmtime, default="")


def last_words(*files: str) -> str:
    """Return the last FATAL, PANIC or error line of the first file that has one, else its last line."""
    fallback = "no reason given"
    for file in files:
        try:
            with open(file, errors="replace") as opened:
                lines = [line.strip() for line in opened.read()[-20_000:].splitlines() if line.strip()]
        except OSError:
            continue
        serious = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "error:"))]
        if serious:
            return serious[-1]
        if lines:
            fallback = lines[-1]
    return fallback
