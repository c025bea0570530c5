"""A proxy as notebook servers have one: it serves the app below a prefix, which it strips."""

import contextlib
import socket
import socketserver
import threading

PREFIX = "/user/x/proxy/8501"
NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class PrefixProxy(socketserver.ThreadingTCPServer):
    """Passes what is asked for below the prefix on to a port of this machine."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.to = port
        self.url = f"http://localhost:{self.server_address[1]}{PREFIX}"
        self.strays: list[str] = []  # paths that were asked for outside the prefix
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Connection(socketserver.StreamRequestHandler):
    """One connection, one request: a browser is told to open another one for the next."""

    server: PrefixProxy

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._handle()

    def _handle(self) -> None:
        head = [self.rfile.readline()]
        while head[-1] not in (b"\r\n", b""):
            head.append(self.rfile.readline())
        method, path, *rest = head[0].decode().split(" ")
        if not path.startswith(PREFIX):
            self.server.strays.append(path)
            self.wfile.write(NOT_HERE)
            return
        path = path.removeprefix(PREFIX) or "/"
        lines = [line.replace(b"keep-alive", b"close") for line in head[1:]]
        with socket.create_connection(("127.0.0.1", self.server.to)) as inner:
            inner.sendall(" ".join([method, path, *rest]).encode() + b"".join(lines))
            threading.Thread(target=_pump, args=(inner, self.connection), daemon=True).start()
            _pump(self.connection, inner)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Carry over what comes until the source ends, and then end the sink."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
