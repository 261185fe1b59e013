#!/usr/bin/env python3
"""Clients that ask for long answers and read none of them don't keep others out.

  unread.py SERVER

Fills the memory of long answers with those of clients that don't read, asks then as a client that reads,
and looks at what becomes of the others.
"""

import json
import socket
import sys
import time

from process import ServerProcess

# A token for every two characters, some sixty bytes of answer for each: 11 MB.
BODY = json.dumps({"inputs": ["a " * 50_000] * 4}).encode()
PATIENCE = 2.0
# What very long answers may take together.
LIMIT = 192 << 20


def ask(port):
    """Sends the request, and reads nothing."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    head = f"POST /tokenize HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    connection.sendall(head.encode() + BODY)
    return connection


def status(connection):
    return int(connection.recv(12, socket.MSG_PEEK | socket.MSG_WAITALL).split(b" ")[1])


def gets(connection, size):
    """Whether so many bytes come before the server closes."""
    connection.settimeout(20)
    count = 0
    try:
        while count < size and (data := connection.recv(1 << 16)):
            count += len(data)
    except ConnectionResetError:
        pass
    return count >= size


def main():
    with ServerProcess(sys.argv[1]) as server:
        server.wait_until_healthy()
        silent = []
        while len(silent) < 40:
            connection = ask(server.port)
            if status(connection) == 429:
                break
            silent.append(connection)
        # A slow server never refuses: before it has filled the memory, the first answers give way.
        print(f"{len(silent)} clients that don't read")
        if len(silent) < 2:
            sys.exit("FAIL the memory for long answers holds nothing")
        time.sleep(PATIENCE + 0.5)
        start = time.monotonic()
        found, headers, body = server.request("POST", "/tokenize", BODY)
        print(f"a client that reads: {found}, {len(body)} bytes in {time.monotonic() - start:.1f} s")
        if found != 200 or len(json.loads(body)) != 4:
            sys.exit(f"FAIL a client that reads gets {found}: {body[:200]}")
        whole = [gets(connection, len(body)) for connection in silent]
        print(f"{sum(whole)} of them get their whole answers after all")
        if whole[0]:
            sys.exit("FAIL no answer gave way")
        if sum(whole) * len(body) > LIMIT:
            sys.exit(f"FAIL the server held {sum(whole)} answers of {len(body)} bytes")
        found, _, _ = server.request("POST", "/predict", b'{"inputs": "a"}')
        if found != 200:
            sys.exit(f"FAIL the server answers {found} then")
        print("ok   answers that are not read give way to those that are")


if __name__ == "__main__":
    main()
