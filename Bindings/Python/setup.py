"""What pyproject.toml can't say: a wheel that brings the library along is for one platform."""

import pathlib

from setuptools import setup

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # before setuptools 70.1
    from wheel.bdist_wheel import bdist_wheel


class Wheel(bdist_wheel):
    """For any Python 3, since the package is ctypes; the library itself needs its processor's Linux."""

    def finalize_options(self):
        super().finalize_options()
        package = pathlib.Path(__file__).parent / "swiftlet"
        if any(package.glob("libswiftlet.so*")):
            self.root_is_pure = False

    def get_tag(self):
        python, abi, platform = super().get_tag()
        return (python, abi, platform) if self.root_is_pure else ("py3", "none", platform)


setup(cmdclass={"bdist_wheel": Wheel})
