"""The package: its version, its wheel, what importing it costs, and what it says of itself."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

import xpmd
from xpmd.methods import Method

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]
LIMIT = 300


def python(*arguments: str, program: str = sys.executable, environment: dict[str, str] | None = None) -> str:
    """What an interpreter prints; with `environment` beside the variables that are not xpmd's."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("XPM")} | (environment or {})
    done = subprocess.run([program, *arguments], cwd=HERE, env=outer, text=True, capture_output=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def imported(code: str) -> set[str]:
    """The modules that a bare interpreter has imported behind its own."""
    both = f"import sys, json; before = set(sys.modules); {code}; print(json.dumps(list(set(sys.modules) - before)))"
    return set(json.loads(python("-S", "-c", f"import sys; sys.path.insert(0, {str(HERE)!r}); {both}")))


def test_the_version_is_that_of_the_change_log() -> None:
    newest = re.search(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None and xpmd.__version__ == newest[1]


def test_importing_the_package_imports_nothing_else() -> None:
    assert imported("import xpmd") == {"xpmd"}


def test_a_client_imports_no_heavy_module() -> None:
    modules = imported("from xpmd import Client")
    heavy = {"asyncio", "urllib", "urllib.request", "http", "http.client", "subprocess", "logging", "concurrent.futures", "typing_extensions"}
    assert "xpmd.client" in modules and not modules & heavy
    # What most programs need of the package and no more.
    assert not modules & {"xpmd.experiments", "xpmd.events"}


def test_only_the_standard_library_is_imported() -> None:
    for path in (HERE / "xpmd").rglob("*.py"):
        # What is for experimaestro is only imported where that is.
        allowed = {"xpmd", "experimaestro"} if path.parent.name in ("experimaestro", "host") else {"xpmd"}
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.append(node.module)
            for name in names:
                assert name.partition(".")[0] in sys.stdlib_module_names | allowed, f"{path} imports {name}"


def test_type_checkers_are_told_of_every_name() -> None:
    told = re.findall(r"^    from \.[\w.]+ import (\w+) as \1$", (HERE / "xpmd/__init__.py").read_text(), re.MULTILINE)
    assert sorted(told) == xpmd.__all__ and set(xpmd.__all__) < set(dir(xpmd))
    for name in xpmd.__all__:
        assert getattr(xpmd, name).__module__.startswith("xpmd.")


def test_every_method_of_the_protocol_is_one_of_the_client() -> None:
    section = (ROOT / "protocol/README.md").read_text().split("\n## Methods\n")[1].split("\n## ")[0]
    documented = set(re.findall(r"^\| `(hello|\w+\.\w+)` \|", section, re.MULTILINE))
    methods = {method.name: method.__name__ for method in Method.__subclasses__()}
    assert set(methods) == documented and documented
    asking = [inspect.getsource(import_module(f"xpmd.{module}")) for module in ("client", "events", "connection")]
    for name, kind in methods.items():
        assert any(f"{kind}(" in source or f'"{name}"' in source for source in asking), f"nobody asks {name}"


def test_the_examples_of_the_page_can_be_read_and_name_what_there_is() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (HERE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    owners = {"client": xpmd.Client, "xp": xpmd.Experiment, "board": xpmd.Service, "pages": xpmd.Service}
    for node in (node for block in blocks for node in ast.walk(ast.parse(block))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in owners:
            assert hasattr(owners[node.value.id], node.attr), f"{node.value.id}.{node.attr}"


def test_public_functions_have_docstrings() -> None:
    missing = []
    for path in (HERE / "xpmd").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.ClassDef, ast.Module)) and not ast.get_docstring(node):
                missing.append(f"{path.name}: {getattr(node, 'name', 'the module')}")
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                missing += [
                    f"{path.name}: {node.name}.{member.name}" for member in node.body
                    if isinstance(member, ast.FunctionDef) and not member.name.startswith("_")
                    and member.name not in ("to_json", "next") and not ast.get_docstring(member)
                ]  # fmt: skip
    assert not missing


@dataclass
class Installed:
    """An environment of Python's that has the wheel and nothing else."""

    python: str
    wheel: Path
    #: The modules that its interpreter had imported at its start before the wheel was there, with any other .pth file.
    before: set[str]

    def modules(self, **environment: str) -> set[str]:
        """The modules that its interpreter has imported when the program begins."""
        code = "import sys; print(*sys.modules)"
        return set(python("-I", "-c", code, program=self.python, environment=environment).split())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("tests", "__pycache__", "build", "*.egg-info"))
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check", "--no-cache-dir")
    python(*pip, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source))
    (wheel,) = folder.glob("*.whl")
    python("-m", "venv", "--without-pip", str(folder / "venv"))
    installed = Installed(str(folder / "venv/bin/python"), wheel, set())
    packages = python("-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", program=installed.python)
    # What reading one takes, a codec from Python 3.13 on, is there wherever packages are.
    Path(packages.strip(), "other.pth").write_text("# nothing\n")
    installed.before = installed.modules()
    python(*pip, "--python", installed.python, "install", "--no-index", "--no-deps", str(wheel))
    return installed


def test_a_wheel_is_built_offline_and_works_alone(installed: Installed) -> None:
    assert installed.wheel.name == f"xpmd-{xpmd.__version__}-py3-none-any.whl"
    contents = set(zipfile.ZipFile(installed.wheel).namelist())
    modules = {str(path.relative_to(HERE)) for path in (HERE / "xpmd").rglob("*.py")}
    assert modules | {"xpmd/py.typed", "xpmd.pth"} <= contents
    code = "import xpmd; [getattr(xpmd, name) for name in xpmd.__all__ if name != 'experiment']; print(xpmd.__version__, xpmd.__file__)"
    version, file = python("-I", "-c", code, program=installed.python).split()
    assert version == xpmd.__version__ and file.startswith(str(installed.wheel.parent))


def test_the_hook_costs_the_start_of_an_interpreter_two_small_modules(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[python]\nattach = true\n")
    off = {"XPMD_CONFIG_DIR": str(tmp_path / "none")}
    for environment in (off, {"XPMD_SOCKET": "/run/xpmd.sock"}, {"XPMD_CONFIG_DIR": str(tmp_path)}):
        assert installed.modules(**environment) - installed.before == {"xpmd", "xpmd._hook"}, environment


def test_the_hook_waits_only_where_it_is_on(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[python]\nattach = true\n")
    off = {"XPMD_CONFIG_DIR": str(tmp_path / "none"), "XPMD_RUNTIME_DIR": str(tmp_path / "none")}
    code = "import sys; print(*(type(finder).__module__ for finder in sys.meta_path))"
    for environment, waits in (
        (off, False),
        # Where an xpmd has run, monitors are to show what it has.
        (off | {"XPMD_RUNTIME_DIR": str(tmp_path)}, True),
        (off | {"XPMD_RUNTIME_DIR": str(tmp_path), "XPMD_ATTACH": "0"}, False),
        ({"XPMD_SOCKET": "/run/xpmd.sock"}, True),
        ({"XPMD_CONFIG_DIR": str(tmp_path)}, True),
        ({"XPMD_CONFIG_DIR": str(tmp_path), "XPMD_ATTACH": "0"}, False),
        ({"XPMD_SOCKET": "/run/xpmd.sock", "XPM_HOST": "/run/1.json"}, False),
    ):
        finders = python("-I", "-c", code, program=installed.python, environment=environment).split()
        assert ("xpmd._hook" in finders) is waits, environment
