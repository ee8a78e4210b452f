"""A provider of our own on loopback: keeps what it hears, by the byte, and answers what the test says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import orjson

Answer = tuple[int, Any]


class Heard(NamedTuple):
    """One request; header names are lower-case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Recorder(NamedTuple):
    url: str
    heard: list[Heard]

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@contextmanager
def recording(*answers: Answer, content_type: str = "application/json") -> Iterator[Recorder]:
    """Hear requests on a thread of its own, for the providers' libraries block; the last answer is given again."""
    heard: list[Heard] = []
    told = list(answers) or [(200, {})]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def take(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            heard.append(Heard(self.command, parts.path, query, headers, body))
            status, said = told.pop(0) if len(told) > 1 else told[0]
            answer = said if isinstance(said, bytes) else orjson.dumps(said)
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(answer)))
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = take  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Recorder(f"http://127.0.0.1:{server.server_port}", heard)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
