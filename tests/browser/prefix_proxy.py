"""A proxy as notebook servers have one: it serves the app below a prefix, which it strips."""

import asyncio
import threading

PREFIX = "/user/x/proxy/8501"


class PrefixProxy:
    """Passes what is asked for below the prefix on to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://localhost:{self.port}{PREFIX}"
        self.strays: list[str] = []  # paths that were asked for outside the prefix
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self, reader, writer) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        method, path, rest = head.decode().split(" ", 2)
        if not path.startswith(PREFIX):
            self.strays.append(path)
            writer.write(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            await writer.drain()
            writer.close()
            return
        path = path.removeprefix(PREFIX) or "/"
        if "upgrade: websocket" not in rest.lower():  # one connection, one request
            rest = rest.replace("\r\nConnection: keep-alive", "\r\nConnection: close")
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._to)
        inner_writer.write(f"{method} {path} {rest}".encode())
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))


async def _pump(reader, writer) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()
