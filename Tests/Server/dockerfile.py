#!/usr/bin/env python3
"""What the last stage of deploy/Dockerfile says, done without Docker.

  dockerfile.py packages       the Debian packages that it installs
  dockerfile.py run ROOT       its entry point in the folder ROOT, by its user, with its variables and
                               with its health check, until SIGTERM
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from process import free_ports

TEXT = (Path(__file__).resolve().parents[2] / "deploy/Dockerfile").read_text()
STAGE = re.sub(r"\\\n", " ", TEXT[TEXT.rindex("\nFROM ") :])


def said(pattern):
    found = re.search(pattern, STAGE, re.MULTILINE)
    if not found:
        raise SystemExit(f"the last stage of deploy/Dockerfile has no {pattern}")
    return found.group(1)


def packages():
    words = said(r"apt-get install ([^&]*)").split()
    return [word for word in words if not word.startswith("-")]


def run(root):
    user = said(r"^USER (\S+)")
    variables = dict(pair.split("=", 1) for pair in said(r"^ENV (.*)$").split())
    variables |= {"PORT": str(free_ports(1)[0]), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    inside = ["chroot", f"--userspec={user}", root]
    health = [*inside, *json.loads(said(r"^HEALTHCHECK .*?CMD (\[.*\])"))]
    # A /proc as containers have it, for this process alone: the program looks there for its own path.
    mounted = ["unshare", "--mount", "bash", "-c", 'mount -t proc proc "$0/proc" && exec "$@"', root]
    entry = json.loads(said(r"^ENTRYPOINT (\[.*\])"))
    # tini minds that it is not the first process, unless told so.
    server = subprocess.Popen([*mounted, *inside, *entry], env=variables | {"TINI_SUBREAPER": "1"})
    try:
        if subprocess.run(health, env=variables | {"PORT": "1"}, stderr=subprocess.DEVNULL).returncode == 0:
            raise SystemExit("the health check calls a server healthy that is not there")
        end = time.monotonic() + 60
        while subprocess.run(health, env=variables, stderr=subprocess.DEVNULL).returncode:
            if server.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"never healthy; status {server.poll()}")
            time.sleep(0.2)
        owner = os.stat(f"/proc/{server.pid}").st_uid
        if f"{owner}:{owner}" != user:
            raise SystemExit(f"it runs as {owner}")
        server.send_signal(signal.SIGTERM)
        status = server.wait(60)
    finally:
        if server.poll() is None:
            server.kill()
    # tini gives on the status of the program.
    if status != 0:
        raise SystemExit(f"it ended with {status} when it was told to stop")
    print(f"healthy as user {owner}, ended with 0")


if __name__ == "__main__":
    if sys.argv[1] == "packages":
        print(" ".join(packages()))
    else:
        run(sys.argv[2])
