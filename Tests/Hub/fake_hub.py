"""A Hugging Face Hub on loopback: repositories in memory, large files on a second port, and faults.

It answers what huggingface_hub 2.4 and Swiftlet ask for. The second port is the content network: it fails
requests that carry a token."""

import collections
import contextlib
import dataclasses
import gzip
import hashlib
import http.server
import json
import re
import socket
import socketserver
import threading
import time
import urllib.parse


class Large(bytes):
    """The contents of a file that the Hub keeps outside of Git."""


def git_hash(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def etag(content):
    return hashlib.sha256(content).hexdigest() if isinstance(content, Large) else git_hash(content)


class Repository:
    """Commits and their branches; the first commit is `main`."""

    def __init__(self, name, files, gated=False, token=None):
        self.name, self.gated, self.token = name, gated, token
        self.commits, self.branches = {}, {}
        self.commit(files)

    def commit(self, files, branch="main"):
        """Adds a commit to a branch, and returns its hash."""
        text = json.dumps([self.name, branch, len(self.commits), sorted(files)])
        commit = hashlib.sha1(text.encode()).hexdigest()
        self.commits[commit] = dict(files)
        self.branches[branch] = commit
        return commit

    @property
    def main(self):
        return self.branches["main"]

    def resolve(self, revision):
        """The commit of a branch or of a hash; None for another name."""
        return self.branches.get(revision, revision if revision in self.commits else None)


@dataclasses.dataclass
class Request:
    """A request that was answered: `port` is `hub` or `cdn`."""

    port: str
    method: str
    path: str
    headers: dict


@dataclasses.dataclass
class Fault:
    """What goes wrong with the first `times` requests whose line, as in `GET /path`, matches."""

    pattern: str
    action: object  # called with the handler; returns True if it answered
    times: int = 1 << 30


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub = None
    port_name = "hub"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.handle_request()

    def do_GET(self):
        self.handle_request()

    def handle_request(self):
        request = Request(self.port_name, self.command, self.path, {k.lower(): v for k, v in self.headers.items()})
        with self.hub.lock:
            self.hub.requests.append(request)
            fault = next((each for each in self.hub.faults
                          if each.times > 0 and re.search(each.pattern, f"{self.port_name} {self.command} {self.path}")),
                         None)
            if fault:
                fault.times -= 1
        if fault and fault.action(self):
            return
        self.answer()

    def send(self, status, body=b"", headers=()):
        """Sends a whole response; HEAD has the length, and no body."""
        self.send_response(status)
        headers = dict(headers)
        headers.setdefault("Content-Length", str(len(body)))
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def json(self, value, headers=()):
        self.send(200, json.dumps(value).encode(), {"Content-Type": "application/json", **dict(headers)})

    def refuse(self, status, code=None, message="", headers=()):
        """Sends an error as the Hub does."""
        body = json.dumps({"error": message}).encode()
        fields = {"Content-Type": "application/json", "X-Request-Id": "Root=1-test", **dict(headers)}
        if code:
            fields["X-Error-Code"] = code
        if message:
            fields["X-Error-Message"] = message
        self.send(status, body, fields)

    def token(self):
        return (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None


class HubHandler(Handler):
    def answer(self):
        path, _, query = self.path.partition("?")
        if match := re.fullmatch(r"/api/models/(.+?)(?:/(revision|tree)/(.+))?", path):
            return self.answer_api(match[1], match[2], urllib.parse.unquote(match[3] or "main"),
                                   urllib.parse.parse_qs(query))
        if match := re.fullmatch(r"/(.+?)/resolve/([^/]+)/(.+)", path):
            return self.answer_file(match[1], urllib.parse.unquote(match[2]), urllib.parse.unquote(match[3]))
        if match := re.fullmatch(r"/api/resolve-cache/models/(.+)/([0-9a-f]{40})/(.+)", path):
            return self.answer_file(match[1], match[2], urllib.parse.unquote(match[3]), redirects=False)
        return self.refuse(404, message="Not Found")

    def repository(self, name):
        """The repository, or None after an error was sent."""
        if new := self.hub.renamed.get(name):
            self.send(307, b"moved", {"Location": self.path.replace(name, new, 1)})
            return None
        repository = self.hub.repositories.get(name)
        if not repository or repository.token and self.token() != repository.token:
            self.refuse(401, "RepoNotFound", "Repository not found")
            return None
        return repository

    def answer_api(self, name, kind, revision, query):
        repository = self.repository(name)
        if not repository:
            return
        commit = repository.resolve(revision)
        if not commit:
            return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        files = repository.commits[commit]
        if kind != "tree":
            return self.json({"id": name, "modelId": name, "sha": commit, "private": False, "gated": repository.gated,
                              "siblings": [{"rfilename": file} for file in files]})
        folders = {file.rsplit("/", 1)[0] for file in files if "/" in file}
        entries = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": folder} for folder in sorted(folders)]
        for file, content in files.items():
            entry = {"type": "file", "oid": git_hash(bytes(content)), "size": len(content), "path": file}
            if isinstance(content, Large):
                entry["lfs"] = {"oid": etag(content), "size": len(content), "pointerSize": 134}
            entries.append(entry)
        start = int(query.get("cursor", ["0"])[0])
        page = entries[start:start + self.hub.page_size]
        headers = {}
        if start + self.hub.page_size < len(entries):
            address = f"{self.hub.endpoint}{self.path.split('?')[0]}?recursive=true&cursor={start + self.hub.page_size}"
            headers["Link"] = f'<{address}>; rel="next"'
        return self.json(page, headers)

    def answer_file(self, name, revision, file, redirects=True):
        repository = self.repository(name)
        if not repository:
            return
        if repository.gated:
            return self.refuse(403, "GatedRepo", "Access to model is restricted")
        commit = repository.resolve(revision)
        if not commit:
            return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        content = repository.commits[commit].get(file)
        if content is None:
            return self.refuse(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": commit})
        fields = {"X-Repo-Commit": commit}
        if isinstance(content, Large):
            self.hub.blobs[etag(content)] = content
            body = b"Found. Redirecting"
            return self.send(302, body, {
                **fields, "Location": f"{self.hub.cdn}/cdn/{etag(content)}?sig=secret", "ETag": '"redirect"',
                "X-Linked-Etag": f'"{etag(content)}"', "X-Linked-Size": str(len(content))})
        if redirects and self.hub.redirects_small_files:
            location = f"/api/resolve-cache/models/{name}/{commit}/{urllib.parse.quote(file)}"
            return self.send(307, b"Temporary Redirect", {
                **fields, "Location": location, "X-Linked-Etag": f'"{etag(content)}"',
                "X-Linked-Size": str(len(content))})
        fields["ETag"] = self.hub.tag_format.format(etag(content))
        if self.hub.compresses and self.command == "GET":
            body = gzip.compress(content)
            self.send_response(200)
            for field in {**fields, "Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}.items():
                self.send_header(*field)
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            return None
        return self.send_content(content, fields)

    def send_content(self, content, fields):
        send_range(self, content, fields)


def send_range(handler, content, fields=(), supports_ranges=True):
    """Sends a file, or the part that the request asks for."""
    wanted = handler.headers.get("Range")
    if not wanted or not supports_ranges:
        return handler.send(200, content, fields)
    start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
    if start >= len(content):
        return handler.send(416, b"", {"Content-Range": f"bytes */{len(content)}"})
    return handler.send(206, content[start:], {
        **dict(fields), "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"})


class CDNHandler(Handler):
    port_name = "cdn"

    def content(self):
        return self.hub.blobs.get(self.path.split("?")[0].rsplit("/", 1)[-1])

    def answer(self):
        if self.token():
            self.hub.leaks.append(self.path)
            return self.send(400, b"a token was sent")
        content = self.content()
        if content is None:
            return self.send(403, b"the signature has expired")
        return send_range(self, content)


class FakeHub:
    """Starts on entering the context, on two free ports."""

    def __init__(self):
        self.lock = threading.Lock()
        self.repositories, self.renamed, self.blobs = {}, {}, {}
        self.requests, self.faults, self.leaks = [], [], []
        self.page_size = 1000
        self.redirects_small_files = False
        self.compresses = False
        self.tag_format = '"{}"'
        self.servers = []

    def __enter__(self):
        for handler in (HubHandler, CDNHandler):
            bound = type(handler.__name__, (handler,), {"hub": self})
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), bound)
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            self.servers.append(server)
        self.endpoint, self.cdn = (f"http://127.0.0.1:{server.server_port}" for server in self.servers)
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def add(self, name, files, **options):
        repository = self.repositories[name] = Repository(name, files, **options)
        return repository

    def fail(self, pattern, action, times=1 << 30):
        self.faults.append(Fault(pattern, action, times))

    def asked(self, pattern):
        """The requests whose line, as in `cdn GET /path`, matches."""
        return [each for each in self.requests if re.search(pattern, f"{each.port} {each.method} {each.path}")]

    def counts(self):
        return collections.Counter((each.port, each.method) for each in self.requests)


class Proxy:
    """An HTTP proxy that connects every host to the Hub; `requests` has the hosts and the accounts."""

    def __init__(self, hub):
        self.hub, self.requests = hub, []
        proxy = self

        class Tunnel(socketserver.StreamRequestHandler):
            def handle(self):
                host = self.rfile.readline().split()[1].decode()
                fields = dict(line.decode().strip().split(": ", 1) for line in iter(self.rfile.readline, b"\r\n"))
                account = next((value for name, value in fields.items() if name.lower() == "proxy-authorization"), "")
                proxy.requests.append((host, account))
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                with socket.create_connection(hub.servers[0].server_address) as target:
                    back = threading.Thread(target=self.copy, args=(target, self.connection), daemon=True)
                    back.start()
                    self.copy(self.connection, target)
                    back.join(10)

            @staticmethod
            def copy(source, target):
                with contextlib.suppress(OSError):
                    while data := source.recv(1 << 16):
                        target.sendall(data)
                    target.shutdown(socket.SHUT_WR)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


# Faults


def status(code, **headers):
    """An error of the server."""
    def act(handler):
        handler.refuse(code, message="try later", headers={name.replace("_", "-"): value for name, value in headers.items()})
        return True
    return act


def drop(handler):
    """Closes the connection without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(2)
    return True


def cut(count):
    """Sends the head and some bytes of a large file from the start that was asked for, and closes."""
    def act(handler):
        content = handler.content()
        wanted = handler.headers.get("Range")
        start = int(wanted[len("bytes="):-1]) if wanted else 0
        handler.send_response(206 if wanted else 200)
        if wanted:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        handler.wfile.write(content[start:start + count])
        handler.wfile.flush()
        return drop(handler)
    return act


def stall(count, seconds):
    """Sends some bytes of a large file, and nothing for a time."""
    def act(handler):
        content = handler.content()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:count])
        handler.wfile.flush()
        time.sleep(seconds)
        return drop(handler)
    return act


def slow(pieces, seconds):
    """Sends a large file in pieces with pauses."""
    def act(handler):
        content = handler.content()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        size = -(-len(content) // pieces)
        for start in range(0, len(content), size):
            handler.wfile.write(content[start:start + size])
            handler.wfile.flush()
            time.sleep(seconds)
        return True
    return act


def ignore_range(handler):
    send_range(handler, handler.content(), supports_ranges=False)
    return True


def replace_content(change):
    """Sends other bytes than those of the file."""
    def act(handler):
        handler.send(200, change(handler.content()))
        return True
    return act
