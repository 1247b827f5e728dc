"""MQTT: ``mqtt://HOST/TOPIC``, ``mqtts://`` with TLS; needs the extra ``mqtt``.

A message is one JSON object or several, a line each, parsed as those of ``tcp://`` are.  The topic may hold ``+``
and ``#`` (written ``%23``).  A user and a password stand before the host, or in ``MQTT_USER`` and
``MQTT_PASSWORD``.  Messages are asked for at least once (QoS 1): a doubled one is dropped by the merge.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from wideberth.errors import MissingExtraError, UsageError
from wideberth.serve.feeds.base import FeedDownError
from wideberth.serve.feeds.ndjson import Listening
from wideberth.serve.feeds.stream import CONNECT_S

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from wideberth.read.batch import Batch
    from wideberth.serve.clock import Clock
    from wideberth.serve.feeds.address import Address

PORT, TLS_PORT = 1883, 8883
KEEP_ALIVE_S = 30


class Mqtt(Listening):
    """Messages of a broker."""

    kind = "mqtt"

    def __init__(self, address: Address, clock: Clock) -> None:
        super().__init__(address, clock)
        try:
            import paho.mqtt.client as paho
        except ImportError:
            raise MissingExtraError(
                'MQTT needs the package paho-mqtt. Install it with: pip install "wideberth[mqtt]"'
            ) from None
        self._paho = paho
        self._topic = unquote(address.path.lstrip("/"))
        if not self._topic:
            raise UsageError(f"--feed {self.name}: there is no topic in it. Write {self.name}/TOPIC.")
        self._is_tls = address.kind.endswith("mqtts")

    async def _session(self) -> AsyncGenerator[Batch]:
        loop = asyncio.get_running_loop()
        self._down: asyncio.Future[str] = loop.create_future()
        self._ready: asyncio.Future[None] = loop.create_future()
        either: list[asyncio.Future[Any]] = [self._ready, self._down]
        client = self._client(loop)
        try:
            client.loop_start()
            try:
                async with asyncio.timeout(CONNECT_S):
                    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            except TimeoutError:
                raise FeedDownError(f"no answer within {CONNECT_S:.0f} s") from None
            if self._down.done():
                raise FeedDownError(self._down.result())
            self._came_up()
            blocks = self._blocks(self._down)
            async for batch in blocks:
                yield batch
            raise FeedDownError(self._down.result())
        finally:
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)

    def _client(self, loop: asyncio.AbstractEventLoop) -> Any:
        """Return a client that tells the loop what happens; its own thread does the rest."""
        paho = self._paho
        client = paho.Client(
            paho.CallbackAPIVersion.VERSION2,
            client_id=f"wideberth-{secrets.token_hex(4)}",
            reconnect_on_failure=False,
        )
        user = self.address.user or os.environ.get("MQTT_USER")
        if user:
            client.username_pw_set(user, self.address.password or os.environ.get("MQTT_PASSWORD"))
        if self._is_tls:
            client.tls_set(ca_certs=self.address.options.get("ca"))

        def tell(future: asyncio.Future[Any], what: Any) -> None:
            def settle() -> None:
                if not future.done():
                    future.set_result(what)

            if not loop.is_closed():
                loop.call_soon_threadsafe(settle)

        def on_connect(client: Any, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
            if code.is_failure:
                tell(self._down, f"the broker refuses: {code}")
            else:
                client.subscribe(self._topic, qos=1)

        def on_subscribe(_client: Any, _data: Any, _mid: Any, codes: Any, _properties: Any) -> None:
            if any(code.is_failure for code in codes):
                tell(self._down, "the broker does not allow this topic")
            else:
                tell(self._ready, None)

        def on_disconnect(_client: Any, _data: Any, _flags: Any, _code: Any, _properties: Any) -> None:
            tell(self._down, "the broker closed the connection")

        def on_message(_client: Any, _data: Any, message: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._put, bytes(message.payload))

        client.on_connect, client.on_subscribe = on_connect, on_subscribe
        client.on_disconnect, client.on_message = on_disconnect, on_message
        client.on_connect_fail = lambda *_: tell(self._down, "cannot connect: nobody listens there")
        port = self.address.port or (TLS_PORT if self._is_tls else PORT)
        client.connect_async(self.address.host, port, keepalive=KEEP_ALIVE_S)
        return client
