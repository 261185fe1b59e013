"""Tags a wheel that contains the library for one platform, which pyproject.toml can't express."""

import pathlib

from setuptools import Distribution, setup

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # before setuptools 70.1
    from wheel.bdist_wheel import bdist_wheel


class Package(Distribution):
    """A package for one platform if the library is in it."""

    def has_ext_modules(self):
        package = pathlib.Path(__file__).parent / "swiftlet"
        return any(package.glob("libswiftlet.so*"))


class Wheel(bdist_wheel):
    """For any Python 3, because the package uses ctypes."""

    def get_tag(self):
        python, abi, platform = super().get_tag()
        return (python, abi, platform) if self.root_is_pure else ("py3", "none", platform)


setup(distclass=Package, cmdclass={"bdist_wheel": Wheel})
