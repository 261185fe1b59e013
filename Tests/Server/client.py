"""A small HTTP/1.1 client over asyncio that keeps its connection, and nothing that hides failures."""

import asyncio
import json


class Connection:
    """One request after another. Anything but a whole answer is a ConnectionError."""

    def __init__(self, port, host="127.0.0.1"):
        self.host, self.port = host, port
        self.reader = self.writer = None

    async def request(self, body, path="/predict", key=None):
        """Posts the bytes; gives the status, the headers in lower case, and the answer's bytes."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        authorization = f"Authorization: Bearer {key}\r\n" if key else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
            f"{authorization}Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            self.writer.write(head.encode() + body)
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(lines[0].split(" ", 2)[1])
            pairs = (line.split(":", 1) for line in lines[1:] if line)
            headers = {name.strip().lower(): value.strip() for name, value in pairs}
            content = await self.reader.readexactly(int(headers["content-length"]))
        except (OSError, EOFError, KeyError, ValueError, IndexError) as error:
            self.close()
            raise ConnectionError(f"{type(error).__name__}: {error}") from error
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, headers, content

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def predict_body(text):
    return json.dumps({"inputs": text}).encode()
