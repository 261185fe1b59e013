"""One worker of uvicorn for each core, with its fast event loop and HTTP parser."""

import os

workers = len(os.sched_getaffinity(0))
worker_class = "uvicorn_worker.UvicornWorker"
keepalive = 60
loglevel = "warning"
