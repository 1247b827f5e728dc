"""OpenSky's REST interface: tokens, credits and refusals as it documents them, and no secret in any log or message."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from senders import Http, heard, rows_heard, rows_of_file, run, same_values, waits
from table_files import state, states_json
from wideberth.errors import UsageError
from wideberth.serve import feeds
from wideberth.serve.feeds import address as addresses
from wideberth.serve.feeds import base, opensky

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

SECRET = "hunter2-client-secret"
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds come back after a twentieth of a second, so that tests need not wait."""
    pytest.importorskip("httpx")
    monkeypatch.setattr(base, "FIRST_PAUSE_S", 0.05)
    for name in ("OPENSKY_CLIENT_ID", "OPENSKY_CLIENT_SECRET", "OPENSKY_API", "OPENSKY_TOKEN_URL"):
        monkeypatch.delenv(name, raising=False)


def known_client(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("OPENSKY_CLIENT_ID", "me-api-client")
    monkeypatch.setenv("OPENSKY_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("OPENSKY_API", f"http://127.0.0.1:{port}/api")
    monkeypatch.setenv("OPENSKY_TOKEN_URL", f"http://127.0.0.1:{port}/token")


class OpenSky:
    """Answers as OpenSky does: a token for the right secret, states for a token that holds."""

    def __init__(self, *states: bytes, expires_in: float = 1800.0, limit: int | None = None) -> None:
        self.states = states
        self.expires_in = expires_in
        self.limit = limit
        self.tokens = 0
        self.revoked: set[str] = set()
        self.given = 0

    def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if path == "/token":
            told = parse_qs(body.decode())
            if (
                method != "POST"
                or told.get("client_secret") != [SECRET]
                or told.get("grant_type") != ["client_credentials"]
            ):
                return 401, {}, b'{"error": "invalid_client"}'
            self.tokens += 1
            token = {"access_token": f"token-{self.tokens}", "expires_in": self.expires_in}
            return 200, {"Content-Type": "application/json"}, json.dumps(token).encode()
        if (token_told := headers.get("authorization", "").removeprefix("Bearer ")) and (
            token_told in self.revoked or token_told != f"token-{self.tokens}"
        ):
            return 401, {}, b""
        if self.limit is not None and self.given >= self.limit:
            return 429, {"X-Rate-Limit-Retry-After-Seconds": "4321"}, b"Too many requests"
        self.given += 1
        return (
            200,
            {"X-Rate-Limit-Remaining": str(4000 - self.given)},
            self.states[min(self.given, len(self.states)) - 1],
        )


def test_states_are_those_of_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each answer becomes the rows that the same answer in a file becomes; the box and the token are sent."""
    answers = [states_json([state(i), state(i + 10)]).encode() for i in range(2)]
    (tmp_path / "all").write_bytes(b"\n".join(answers))
    filed = rows_of_file(tmp_path / "all", "opensky-states")

    async def live() -> tuple[pl.DataFrame, Http, base.Feed]:
        async with Http(OpenSky(*answers)).running() as server:
            known_client(monkeypatch, server.port)
            feed = feeds.parse("opensky:5.9,45.8,10.6,47.9#every=0.01s")
            return rows_heard(await heard(feed, filed.height)), server, feed

    found, server, feed = run(live)

    assert same_values(found, filed)
    _, path, headers, _ = server.asked[1]
    assert parse_qs(urlsplit(path).query) == {
        "lamin": ["45.8"],
        "lomin": ["5.9"],
        "lamax": ["47.9"],
        "lomax": ["10.6"],
    }
    assert headers["authorization"] == "Bearer token-1"
    assert feed.link.notes["credits"] == "3,998 left"


@pytest.mark.parametrize(
    ("expires_in", "every", "is_revoked", "tokens"),
    [(1800.0, "0.05s", False, {1}), (1800.0, "0.05s", True, {2}), (60.0, "0.6s", False, {2, 3})],
)
def test_a_token_is_renewed_before_it_ends_and_after_a_401(
    monkeypatch: pytest.MonkeyPatch, expires_in: float, every: str, is_revoked: bool, tokens: set[int]
) -> None:
    """One token serves many questions; one that is refused is replaced at once, one that ends soon after a second."""

    async def live() -> tuple[int, int]:
        server_side = OpenSky(states_json([state(1)]).encode(), expires_in=expires_in)
        async with Http(server_side).running() as server:
            known_client(monkeypatch, server.port)
            feed = feeds.parse(f"opensky:#every={every}")
            if is_revoked:
                server_side.revoked.add("token-1")
            await heard(feed, 4)
            return server_side.tokens, feed.link.failures

    had, failures = run(live)

    assert had in tokens
    assert failures == 0


def test_a_429_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the credits are used up, the feed waits as long as OpenSky says, and says so."""

    async def live() -> tuple[base.Feed, OpenSky, int]:
        server_side = OpenSky(states_json([state(1)]).encode(), limit=2)
        async with Http(server_side).running() as server:
            known_client(monkeypatch, server.port)
            feed = feeds.parse("opensky:#every=0.01s")
            await waits(feed, lambda: feed.link.failures > 0)
            return feed, server_side, len(server.asked)

    feed, server_side, asked = run(live)

    assert feed.link.pause_s == 4321.0
    assert feed.link.why == "answer 429: the credits are used up; OpenSky says to come back in 4,321 s"
    assert feed.link.notes["credits"] == "none left"
    assert (server_side.given, asked) == (2, 4)  # token, two answers, one refusal


def test_no_secret_is_in_a_log_or_a_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At the highest verbosity of all libraries, neither secret, token nor query is written anywhere."""
    caplog.set_level(logging.DEBUG)
    states = states_json([state(1)]).encode()

    async def live() -> list[base.Feed]:
        made = []
        async with Http(OpenSky(states)).running() as server:
            known_client(monkeypatch, server.port)
            made.append(feeds.parse("opensky:#every=0.01s"))
            await heard(made[-1], 1)
            monkeypatch.setenv("OPENSKY_CLIENT_SECRET", "hunter2-wrong")
            made.append(feeds.parse("opensky:#every=0.01s,name=wrong"))
            await waits(made[-1], lambda: made[-1].link.failures > 0)
        async with Http(lambda *_: (503, {}, b"hunter2")).running() as server:
            made.append(feeds.parse(f"http://u:hunter2@127.0.0.1:{server.port}/a.json?key=hunter2"))
            await waits(made[-1], lambda: made[-1].link.failures > 0)
        made.append(feeds.parse(f"http://u:hunter2@127.0.0.1:{server.port}/a.json?key=hunter2"))
        await waits(made[-1], lambda: made[-1].link.failures > 0)  # nobody listens there any more
        return made

    made = run(live)

    assert made[1].link.why == "no token: OpenSky does not accept the client's id and secret"
    said = caplog.text + "".join(f"{feed.link!r} {feed!r} {feed.name} {feed.address!r}" for feed in made)
    assert "httpcore" in caplog.text  # so that the libraries did speak
    assert "hunter2" not in said
    assert "token-1" not in said


@pytest.mark.parametrize(
    ("box", "cost"),
    [("", 4), ("5.9,45.8,10.6,47.9", 1), ("0,40,8,50", 2), ("0,40,20,60", 3), ("0,0,21,20", 4)],
)
def test_a_box_costs_what_opensky_says(box: str, cost: int) -> None:
    """1 credit up to 25 square degrees, 2 up to 100, 3 up to 400, 4 beyond."""
    assert opensky.cost_of(opensky.box_of(box)) == cost


def test_questions_are_spread_over_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box of one credit is asked for every 21.6 s with a client, every 216 s without, and slower as credits fall."""

    class Noon:
        is_replay = False

        def now_us(self) -> int:
            return 1_714_564_800 * 1_000_000  # 2024-05-01T12:00:00Z: half a day is left

    anonymous = opensky.OpenSky(addresses.parse("opensky:5.9,45.8,10.6,47.9"), Noon())  # type: ignore[arg-type]
    assert anonymous._pause_s() == 216.0
    known_client(monkeypatch, 1)
    known = opensky.OpenSky(addresses.parse("opensky:5.9,45.8,10.6,47.9"), Noon())  # type: ignore[arg-type]
    assert known._pause_s() == 21.6
    known._count("100")
    assert known._pause_s() == 432.0
    known._count("3900")
    assert known._pause_s() == pytest.approx(43_200 / 3900)


def test_what_is_seldom_asked_is_not_called_silent() -> None:
    """The world without a client is asked for every 864 s: silence begins after two questions in vain, or as asked."""
    assert feeds.parse("opensky:").silent_s == 2.5 * 864.0
    assert feeds.parse("opensky:5.9,45.8,10.6,47.9").silent_s == 2.5 * 216.0
    assert feeds.parse("opensky:#silent=10min").silent_s == 600.0
    assert feeds.parse("http://host/aircraft.json").silent_s == base.SILENT_S
    assert feeds.parse("http://host/aircraft.json#every=60s").silent_s == 150.0


def test_credentials_come_from_a_file(tmp_path: Path) -> None:
    """The file that OpenSky's account page gives is read; another is refused, and not shown."""
    (tmp_path / "credentials.json").write_text('{"clientId": "me-api-client", "clientSecret": "hunter2"}')
    (tmp_path / "other.json").write_text('{"secret": "hunter2"}')

    address = addresses.parse(f"opensky:#credentials={tmp_path / 'credentials.json'}")
    assert opensky.client_of(address) == ("me-api-client", "hunter2")
    for name in ("other.json", "absent.json"):
        with pytest.raises(UsageError, match=r"credentials|No such file") as raised:
            opensky.client_of(addresses.parse(f"opensky:#credentials={tmp_path / name}"))
        assert "hunter2" not in str(raised.value)


def test_half_a_pair_of_credentials_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id without a secret is a mistake, not an anonymous client."""
    monkeypatch.setenv("OPENSKY_CLIENT_ID", "me-api-client")
    with pytest.raises(UsageError, match="go together"):
        feeds.parse("opensky:")
