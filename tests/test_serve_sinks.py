"""Sinks: nothing is lost while one is down, none waits for another, and a webhook is signed."""

from __future__ import annotations

import hashlib
import hmac
import http.server
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from test_serve_alerts import played
from wideberth.errors import UsageError, WriteError
from wideberth.serve.sinks.outbox import LONGEST_PAUSE_S, Outbox
from wideberth.serve.sinks.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = b"known to both"


class Notebook:
    """A sink that writes down what it takes, unless its paper is out."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_out = False
        self.taken: list[str] = []
        self.asked = 0

    def take(self, name: str, message: dict[str, Any]) -> None:
        self.asked += 1
        if self.is_out:
            raise OSError("no paper")
        assert message["event"] == name.rpartition("-")[2]
        self.taken.append(name)


EVENTS = played("ppiiaa----")  # begins, rises twice, ends


def test_each_sink_takes_everything_once_and_in_order(tmp_path: Path) -> None:
    """And nothing waits then."""
    one, other = Notebook("one"), Notebook("other")
    outbox = Outbox(tmp_path / "outbox.db", [one, other])
    outbox.put(EVENTS)

    assert outbox.send(0.0) == 2 * len(EVENTS)
    assert outbox.send(1.0) == 0
    assert one.taken == other.taken
    assert [each.rpartition("-")[2] for each in one.taken] == ["began", "rose", "rose", "ended"]


def test_a_sink_that_is_down_keeps_nobody_waiting_and_gets_all_later(tmp_path: Path) -> None:
    """It is asked again after growing pauses; the other has taken everything meanwhile."""
    one, other = Notebook("one"), Notebook("other")
    one.is_out = True
    outbox = Outbox(tmp_path / "outbox.db", [one, other])
    outbox.put(EVENTS)
    outbox.send(0.0)
    assert len(other.taken) == len(EVENTS)  # at once, although the one before it failed
    for second in range(1, 600):
        outbox.send(float(second))

    assert outbox.waiting("one") == len(EVENTS)
    assert outbox.trouble("one") == "no paper"
    assert 8 <= one.asked <= 10  # 1, 2, 4, ... 256 s
    one.is_out = False
    outbox.send(600.0 + 1.25 * LONGEST_PAUSE_S)
    assert one.taken == other.taken
    assert outbox.trouble("one") == ""


def test_what_waits_outlives_a_kill(tmp_path: Path) -> None:
    """A process that put events and was killed at once: another one tells them."""
    program = """
        import sys, os, signal
        sys.path.insert(0, sys.argv[2])
        from test_serve_sinks import EVENTS, Notebook
        from wideberth.serve.sinks.outbox import Outbox
        Outbox(sys.argv[1], [Notebook("one")]).put(EVENTS)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    path = tmp_path / "outbox.db"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(path), str(Path(__file__).parent)],
        capture_output=True, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    one = Notebook("one")

    assert Outbox(path, [one]).send(0.0) == len(EVENTS)


def test_a_sink_that_is_down_for_ever_does_not_fill_the_disk(tmp_path: Path) -> None:
    """The oldest are dropped, and counted."""
    one = Notebook("one")
    one.is_out = True
    outbox = Outbox(tmp_path / "outbox.db", [one], most=3)
    outbox.put(EVENTS)
    one.is_out = False
    outbox.send(0.0)

    assert outbox.dropped == 1
    assert [each.rpartition("-")[2] for each in one.taken] == ["rose", "rose", "ended"]


def test_an_outbox_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """In a sentence, with the file's name."""
    with pytest.raises(WriteError, match=r"outbox .*nowhere"):
        Outbox(tmp_path / "nowhere" / "outbox.db", [])


# Webhook --------------------------------------------------------------------------------------------


class Receiver(http.server.BaseHTTPRequestHandler):
    """Notes requests, and answers what it is told to."""

    answers: list[int]
    requests: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).requests.append((self.path, dict(self.headers), body))
        code = type(self).answers.pop(0) if type(self).answers else 200
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[type[Receiver], str]]:
    """Return a server of its own on this machine, and its address."""
    kind = type("Own", (Receiver,), {"answers": [], "requests": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kind, f"http://127.0.0.1:{server.server_address[1]}/hook?token=hidden"
        server.shutdown()


def test_a_webhook_is_signed_and_told_again_until_it_answers(
    tmp_path: Path, receiver: tuple[type[Receiver], str]
) -> None:
    """Answers of 500 and a redirect are no answers; the id stays, and the signature holds."""
    kind, url = receiver
    kind.answers = [500, 302]
    hook = Webhook(url, SECRET)
    outbox = Outbox(tmp_path / "outbox.db", [hook])
    outbox.put(EVENTS[:1])
    troubles = []
    for second in (0.0, 2.0, 10.0):
        outbox.send(second)
        troubles.append(outbox.trouble(hook.name))

    assert troubles == ["answered 500", "answered 302", ""]
    assert [path for path, _, _ in kind.requests] == ["/hook?token=hidden"] * 3
    assert len({headers["X-Wideberth-Id"] for _, headers, _ in kind.requests}) == 1
    for _, headers, body in kind.requests:
        told = dict(part.split("=") for part in headers["X-Wideberth-Signature"].split(","))
        expected = hmac.new(SECRET, f"{told['t']}.".encode() + body, hashlib.sha256).hexdigest()
        assert told["v1"] == expected
        assert json.loads(body)["event"] == "began"


def test_a_webhook_tells_no_secret_and_takes_no_strange_address() -> None:
    """Neither in its name nor when it is shown; what would add a header, or is no address, is refused."""
    hook = Webhook("https://user:pass@example.org/hook?token=hidden", SECRET)

    assert hook.name == "https://example.org/hook"
    assert "known" not in repr(hook)
    for url in ("http://example.org/\r\nX: y", "file:///etc/passwd", "http://", "http://a b/"):
        with pytest.raises(UsageError):
            Webhook(url, SECRET)
    with pytest.raises(UsageError):
        Webhook("https://example.org/", b"")


def test_nobody_there_is_no_answer() -> None:
    """A refused connection is told as an OSError with the reason."""
    with pytest.raises(OSError, match="no answer"):
        Webhook("http://127.0.0.1:9/hook", SECRET).take("x", {})
