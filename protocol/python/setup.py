"""Puts xpmd.pth beside the package, where the interpreter looks for it: pyproject.toml has no word for that."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithHook(build_py):
    def run(self) -> None:
        super().run()
        self.copy_file("xpmd.pth", str(Path(self.build_lib, "xpmd.pth")))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return [*super().get_outputs(include_bytecode), str(Path(self.build_lib, "xpmd.pth"))]


setup(cmdclass={"build_py": BuildWithHook})
