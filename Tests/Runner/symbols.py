"""Checks the release objects of the kernels: symbols.py FOLDER_OF_PRODUCTS.

They must define no weak function: the linker keeps one copy of a weak function for the whole program,
and a copy that is compiled for AVX-512 would stop every other CPU. And they must hold no instruction
whose flag ProcessorFeatures does not ask for.
"""

import pathlib
import platform
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What the processors that the targets are compiled for have too, and hypervisors may hide.
UNASKED = re.compile(
    r"(?:lock )?(v?aes[a-z0-9]+|v?pclmul[a-z]*|adcx[lq]?|adox[lq]?|rdseed[lq]?|rdrand[lq]?|rdpkru|wrpkru"
    r"|clwb|clflushopt|rd[fg]sbase[lq]?|wr[fg]sbase[lq]?|invpcid|xsave[a-z0-9]*|xrstor[a-z0-9]*"
    r"|prefetchw|cmpxchg16b)(?: .*)?")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def tool(name):
    return shutil.which(name) or shutil.which(f"llvm-{name}") or sys.exit(f"symbols: there is no {name}")


def problems(name, objects):
    symbols = [line.split() for line in output(tool("nm"), "--defined-only", *objects).splitlines()]
    weak = [symbol[2] for symbol in symbols if len(symbol) == 3 and symbol[1] == "W"]
    if weak:
        yield f"{name} defines weak functions; have them inlined:"
        for symbol in weak:
            yield "  " + output("swift", "demangle", "--simplified", "--compact", symbol)[:160].strip()
    # A line is the address and the instruction, separated by a tab in every objdump.
    lines = output(tool("objdump"), "--disassemble", "--no-show-raw-insn", *objects).splitlines()
    code = {line.split("\t")[1].strip() for line in lines if "\t" in line}
    unasked = sorted({match[1] for match in map(UNASKED.fullmatch, code) if match})
    if unasked:
        yield f"{name} has instructions that ProcessorFeatures does not ask for: {' '.join(unasked)}"


def main():
    products, found = pathlib.Path(sys.argv[1]), []
    sets = ["AVX512BF16", "AVX512", "AVX2", "Baseline"] if platform.machine() == "x86_64" else ["Baseline"]
    for name in [f"SwiftletKernels{each}" for each in sets]:
        # By the sources: the folder may hold objects of files that are gone.
        objects = [products / f"{name}.build/{source.name}.o" for source in (ROOT / "Sources" / name).glob("*.swift")]
        missing = [str(each) for each in objects if not each.exists()]
        if missing or not objects:
            sys.exit(f"symbols: no release build of {name}: {' '.join(missing)} missing")
        found += problems(name, list(map(str, objects)))
    print("\n".join(found) or f"no weak function and no unasked instruction for {', '.join(sets)}")
    return 1 if found else 0


sys.exit(main())
