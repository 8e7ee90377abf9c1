"""A file behind HTTP with ranges that gives so many bytes a second and no more: a slow disk that both sides share.

``python -m benchmarks.previews.slow_server FILE BYTES_PER_SECOND`` prints its port, then every answer is paced.
"""

import socket
import sys
import threading
import time
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

_CHUNK = 32 * 1024
_BUFFER = 64 * 1024


class Pace:
    """Lets so many bytes through in a second, whoever asks; what was not used is soon forgotten."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, count: int) -> None:
        """Waits for the turn of so many bytes."""
        with self._lock:
            self._next = max(self._next, time.monotonic() - 0.01) + count / self._rate
            until = self._next
        time.sleep(max(0.0, until - time.monotonic()))


class Answering(StreamRequestHandler):
    """Answers one GET for the one file."""

    server: "SlowServer"

    def setup(self) -> None:
        # large buffers would be filled ahead of a reader that seeks away
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        super().setup()

    def handle(self) -> None:
        head = iter(self.rfile.readline, b"\r\n")
        fields = dict(line.decode("latin-1").strip().lower().partition(": ")[::2] for line in head if b": " in line)
        size = self.server.path.stat().st_size
        first, _, last = fields.get("range", "bytes=0-").removeprefix("bytes=").partition("-")
        begin, end = int(first or 0), int(last or size - 1) + 1
        status = "206 Partial Content" if begin < size else "416 Range Not Satisfiable"
        told = f"Content-Range: bytes {begin}-{end - 1}/{size}\r\nContent-Length: {max(0, end - begin)}\r\n"
        answer = f"HTTP/1.1 {status}\r\nAccept-Ranges: bytes\r\nConnection: close\r\n{told}\r\n"
        try:
            self.wfile.write(answer.encode())
            self._send(begin, end)
        except ConnectionError:
            return

    def _send(self, begin: int, end: int) -> None:
        with self.server.path.open("rb") as file:
            file.seek(begin)
            while begin < end and (data := file.read(min(_CHUNK, end - begin))):
                self.server.pace.wait(len(data))
                self.wfile.write(data)
                begin += len(data)


class SlowServer(ThreadingTCPServer):
    """Serves one file on a port of the loopback interface."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, path: Path, rate: int) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.path = path
        self.pace = Pace(rate)


def main() -> None:
    """Serves until it is ended."""
    with SlowServer(Path(sys.argv[1]), int(sys.argv[2])) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
