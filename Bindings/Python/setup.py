"""Tags a wheel that contains the library for one platform, which pyproject.toml can't express."""

import pathlib

from setuptools import setup

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # before setuptools 70.1
    from wheel.bdist_wheel import bdist_wheel


class Wheel(bdist_wheel):
    """For any Python 3, because the package uses ctypes, and for one platform with the library."""

    def finalize_options(self):
        super().finalize_options()
        package = pathlib.Path(__file__).parent / "swiftlet"
        if any(package.glob("libswiftlet.so*")):
            self.root_is_pure = False

    def get_tag(self):
        python, abi, platform = super().get_tag()
        return (python, abi, platform) if self.root_is_pure else ("py3", "none", platform)


setup(cmdclass={"bdist_wheel": Wheel})
