"""Requests as strangers send them, by a seeded generator: each case is what goes over one connection.

A case says which statuses are allowed. Where a mutation may by chance leave a good request, 200 is.
"""

import gzip
import json
import random
import zlib
from dataclasses import dataclass, field

#: 501 and 505 are for what HTTP has and the server does not.
REFUSED = {*range(400, 500), 501, 505}
ROUTES = [
    "/predict", "/", "/invocations", "/tokenize", "/decode", "/rerank", "/embed", "/embed_all",
    "/embed_sparse", "/similarity", "/v1/embeddings", "/embeddings",
]  # fmt: skip


@dataclass
class Case:
    kind: str
    #: What is sent, one after the other with a pause between.
    parts: list
    #: Whether a good answer is one too.
    may_be_good: bool = False
    #: Whether the sending side is closed then, as by shutdown(SHUT_WR).
    half_close: bool = False
    #: Seconds between the parts.
    pause: float = 0.0
    #: Seconds to wait for an answer: less where the server rightly waits for the rest.
    patience: float = 2.0

    def allows(self, status):
        return status in REFUSED or (self.may_be_good and status in range(200, 300))


def request(body, path="/predict", method="POST", headers=(), length=None):
    """A whole request; a length of -1 leaves the header out."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    names = {name.lower() for name, _ in headers}
    if "content-type" not in names:
        lines.append("Content-Type: application/json")
    lines += [f"{name}: {value}" for name, value in headers]
    if length != -1:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body


class Garbage:
    """Cases without end; case n is the same for the same seed."""

    def __init__(self, seed):
        self.seed = seed
        self.kinds = [
            getattr(self, name) for name in sorted(dir(self)) if name.startswith("case_")
        ]

    def case(self, number):
        self.random = random.Random(f"{self.seed}/{number}")
        make = self.kinds[number % len(self.kinds)]
        case = make()
        case.kind = make.__name__.removeprefix("case_")
        return case

    # ---- pieces

    def noise(self, most):
        return self.random.randbytes(self.random.randint(1, most))

    def good_body(self):
        return json.dumps({"inputs": "a film " * self.random.randint(1, 20)}).encode()

    def value(self, depth=0):
        """Any JSON value, as Python has it."""
        pick = self.random.randint(0, 9 if depth < 4 else 6)
        if pick == 0:
            return None
        if pick == 1:
            return self.random.choice([True, False])
        if pick == 2:
            return self.random.choice([0, -1, 101, 2**31, 2**32, 2**63, -(2**63) - 1, 10**30])
        if pick == 3:
            return self.random.choice([1e308, -0.0, 1e-320, 0.5])
        if pick <= 6:
            letters = "a é\u0000\u0301\U0001f600\u202e\ufeff[MASK]\n\\\""
            return "".join(self.random.choices(letters, k=self.random.randint(0, 40)))
        if pick <= 8:
            return [self.value(depth + 1) for _ in range(self.random.randint(0, 5))]
        return {self.key(): self.value(depth + 1) for _ in range(self.random.randint(0, 4))}

    def key(self):
        return self.random.choice(
            ["inputs", "input", "texts", "query", "ids", "truncate", "raw_scores", "dimensions",
             "truncation_direction", "prompt_name", "parameters", "normalize", "x", ""]
        )  # fmt: skip

    # ---- HTTP that is none

    def case_random_bytes(self):
        return Case("", [self.noise(4096)], patience=0.2)

    def case_random_lines(self):
        return Case("", [self.noise(200) + b"\r\n\r\n" + self.noise(200)])

    def case_other_protocols(self):
        first = self.random.choice([
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + self.noise(500),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + self.noise(50),
            b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"*1\r\n$4\r\nPING\r\n\r\n",
            b"GET / HTTP/0.9\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n", b"\r\n" * 500,
            b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ])  # fmt: skip
        return Case("", [first], may_be_good=first.startswith(b"GET /"), patience=0.3)

    def case_request_line(self):
        path = self.random.choice([
            "/" + "a" * self.random.choice([100, 10_000, 200_000]), "/%00", "/../../etc/passwd",
            "//", "/predict?" + "&" * 5000, "http://localhost/predict", "*", "predict", "/%ff%fe",
            "/predict/../../x", "/ predict",
        ])  # fmt: skip
        method = self.random.choice(["GET", "POST", "PUT", "DELETE", "OPTIONS", "B\x00D", "é", ""])
        # OPTIONS is how a browser asks whether it may.
        return Case(
            "", [request(self.good_body(), path, method)], may_be_good=True, patience=1.0
        )

    def case_header(self):
        name = self.random.choice(["X-A", "X A", "é", "", ":", "Content-Type", "Host", "traceparent"])
        value = self.random.choice([
            "x" * self.random.choice([1000, 70_000, 300_000]), "\x00", "a\nb", "\U0001f600", "",
            "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "00-zz-zz-zz", "application/" + "j" * 1000,
        ])  # fmt: skip
        return Case("", [request(self.good_body(), headers=[(name, value)])], may_be_good=True)

    def case_many_headers(self):
        headers = [(f"X-{n}", "v" * 20) for n in range(self.random.choice([100, 2000, 20_000]))]
        return Case("", [request(self.good_body(), headers=headers)], may_be_good=True)

    def case_authorization(self):
        value = self.random.choice(["Bearer", "Bearer ", "Basic x", "Bearer " + "k" * 9000, "é"])
        headers = [("Authorization", value)]
        return Case("", [request(self.good_body(), headers=headers)], may_be_good=True)

    # ---- lengths that do not hold

    def case_too_long_length(self):
        body = self.good_body()
        length = len(body) + self.random.choice([1, 100, 1_000_000])
        half = self.random.random() < 0.5
        return Case(
            "", [request(body, length=length)], half_close=half, patience=0.5 if half else 0.1
        )

    def case_too_short_length(self):
        body = self.good_body()
        return Case("", [request(body, length=self.random.randint(0, len(body) - 1))])

    def case_impossible_length(self):
        length = self.random.choice([
            "-5", "1e3", "0x10", "99999999999999999999999999", "+5", "5, 6", "", " ", "five",
            str(2**63 - 1), str(2**64 - 1),
        ])  # fmt: skip
        return Case("", [request(self.good_body(), length=length)], may_be_good=True, patience=0.3)

    def case_two_lengths(self):
        headers = self.random.choice([
            [("Content-Length", "3")], [("Transfer-Encoding", "chunked")],
            [("Transfer-Encoding", "gzip")], [("Transfer-Encoding", "chunked, identity")],
        ])  # fmt: skip
        return Case("", [request(self.good_body(), headers=headers)], may_be_good=True, patience=0.3)

    def case_chunks(self):
        body = self.good_body()
        size = f"{len(body):x}".encode()
        tail = self.random.choice([
            b"zz\r\n" + body, b"-1\r\n" + body, b"ffffffffffffffffff\r\n" + body,
            size + b"\r\n" + body + b"x\r\n0\r\n\r\n", size + b";" + b"e" * 70_000 + b"\r\n" + body,
            size + b"\r\n" + body + b"\r\n0\r\nX: " + b"t" * 90_000 + b"\r\n\r\n", b"", b"0\r\n\r\n",
            size + b"\r\n" + body + b"\r\n0\r\n\r\n", b"1\r\n{\r\n" * 3000,
        ])  # fmt: skip
        head = request(b"", headers=[("Transfer-Encoding", "chunked")], length=-1)
        return Case("", [head + tail], may_be_good=True, patience=0.3)

    def case_too_large(self):
        body = b'{"inputs":"' + b"a" * self.random.choice([2_000_001, 3_000_000]) + b'"}'
        return Case("", [request(body)], patience=5)

    # ---- time

    def case_slow_body(self):
        data = request(self.good_body())
        size = max(1, len(data) // self.random.randint(3, 12))
        parts = [data[at : at + size] for at in range(0, len(data), size)]
        gives_up = self.random.random() < 0.5
        parts = parts[: len(parts) // 2] if gives_up else parts
        return Case("", parts, may_be_good=True, pause=0.02, patience=0.05 if gives_up else 2)

    def case_left_alone(self):
        data = request(self.good_body())
        return Case("", [data[: self.random.randint(0, len(data) - 1)]], patience=0.0)

    def case_no_reader(self):
        """Whoever asks and goes at once."""
        return Case("", [request(self.good_body())] * 3, may_be_good=True, patience=0.0)

    def case_half_closed(self):
        data = request(self.good_body())
        cut = self.random.choice([len(data), self.random.randint(1, len(data) - 1)])
        return Case("", [data[:cut]], may_be_good=True, half_close=True, patience=1.0)

    def case_pipelined(self):
        good = request(self.good_body())
        count = self.random.randint(1, 20)
        rest = self.random.choice([self.noise(300), b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", good[:40]])
        return Case("", [good * count + rest], may_be_good=True, patience=1.0)

    # ---- bodies

    def case_mutated(self):
        data = bytearray(request(self.good_body(), self.random.choice(ROUTES)))
        for _ in range(self.random.randint(1, 8)):
            at = self.random.randrange(len(data))
            action = self.random.randint(0, 2)
            if action == 0:
                data[at] = self.random.randrange(256)
            elif action == 1:
                del data[at : at + self.random.randint(1, 5)]
            else:
                data[at:at] = self.noise(5)
            data = data or bytearray(b"x")
        return Case("", [bytes(data)], may_be_good=True, patience=0.3)

    def case_deep(self):
        depth = self.random.choice([100, 10_000, 900_000])
        opening, closing = self.random.choice([(b"[", b"]"), (b'{"inputs":', b"}"), (b"[[", b"")])
        body = opening * min(depth, 1_900_000 // len(opening))
        if self.random.random() < 0.5:
            body = b'{"inputs":' + body
        return Case("", [request(body + closing * 3, self.random.choice(ROUTES))])

    def case_no_json(self):
        body = self.random.choice([
            b"", b"{", b'{"inputs"', b'{"inputs":"a"} x', b'{"inputs":"a",}', b'{"inputs":01}',
            b'{"inputs":"\\ud800"}', b'{"inputs":"\\udc00\\ud800"}', b'{"inputs":"\\x"}', b"NaN",
            b'{"inputs":"a\nb"}', b'{"inputs":"a\x00"}', b'{"inputs":1e999999}', b"\xef\xbb\xbf{}",
            b'{"inputs":"\xff\xfe"}', b'{"inputs":"\xc0\xaf"}', b'{"inputs":"\xed\xa0\x80"}',
            b'{"inputs":"\xf5\x80\x80\x80"}', b'{"inputs":' + b"9" * 100_000 + b"}",
            b'{"inputs":"a","inputs":1}', b'{"inputs":"\xe2\x82', self.noise(2000),
        ])  # fmt: skip
        return Case("", [request(body, self.random.choice(ROUTES))])

    def case_shapes(self):
        body = {self.key(): self.value() for _ in range(self.random.randint(0, 5))}
        body = body if self.random.random() < 0.8 else self.value()
        data = json.dumps(body).encode()
        return Case("", [request(data, self.random.choice(ROUTES))], may_be_good=True)

    def case_too_many(self):
        count = self.random.choice([33, 1000, 100_000])
        body = {"inputs": [["a"]] * count, "texts": ["a"] * count, "query": "q", "ids": [[1]] * count}
        # One list of ids may be as long as it likes.
        return Case("", [request(json.dumps(body).encode(), "/predict")])

    def case_ids(self):
        ids = self.random.choice([[-1], [2**31], [2**64], [0.5], [[]], [None], [10**40], ["a"], [30_000_000]])
        body = {"inputs": ids, "ids": ids, "input": ids}
        path = self.random.choice(["/decode", "/embed", "/v1/embeddings", "/embed_all"])
        return Case("", [request(json.dumps(body).encode(), path)], may_be_good=True)

    def case_content_type(self):
        value = self.random.choice(["", "text/json", "application/xml", "*/*", "application/json;" * 500])
        headers = [("Content-Type", value)]
        return Case("", [request(self.good_body(), headers=headers)], may_be_good=True)

    def case_compressed(self):
        """Compressed bodies that are damaged, cut off, too large, or of another coding than they say."""
        body = self.good_body()
        if self.random.random() < 0.2:
            body = b'{"inputs":"' + b"a" * self.random.choice([3_000_000, 30_000_000]) + b'"}'
        coding, make = self.random.choice(
            [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", lambda b: zlib.compress(b)[2:-4])]
        )
        packed = bytearray(make(body))
        for _ in range(self.random.randint(0, 3)):
            packed[self.random.randrange(len(packed))] = self.random.randrange(256)
        if self.random.random() < 0.2:
            del packed[self.random.randrange(len(packed)) :]
        coding = self.random.choice([coding] * 6 + ["gzip", "deflate", "zstd", "br", "gzip, deflate"])
        headers = [("Content-Encoding", coding)]
        return Case("", [request(bytes(packed), headers=headers)], may_be_good=True)

    def case_odd_texts(self):
        text = self.random.choice([
            "a" * 1_000_000, "\u0301" * 200_000, "[MASK] " * 10_000, "\u0000" * 1000, "字" * 300_000,
            "\U000e0001" * 1000, " " * 1_000_000, "\u200d" * 100_000, "ﷺ" * 50_000,
        ])  # fmt: skip
        body = json.dumps({"inputs": text}, ensure_ascii=False).encode()
        path = self.random.choice(["/predict", "/tokenize"])
        return Case("", [request(body, path)], may_be_good=True, patience=20)
