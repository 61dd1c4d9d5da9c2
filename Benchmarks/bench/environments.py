"""Environments of Python's: bare ones, and those that have experimaestro and this repository's package."""

import os
import shutil
import subprocess
import sys

VERSION = "experimaestro==2.7.0"
SETUPTOOLS = "setuptools==84.2.1"
PACKAGE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", "protocol", "python"))


def bare(folder):
    """The interpreter of a fresh environment without any package."""
    run(sys.executable, "-m", "venv", "--clear", "--without-pip", folder)
    return os.path.join(folder, "bin", "python")


def experimaestro(folder):
    """The interpreter of an environment with experimaestro, which is kept for later runs; raises CalledProcessError."""
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(os.path.join(folder, "bin", "experimaestro")):
        run(sys.executable, "-m", "venv", "--clear", folder)
        pip(python, VERSION)
    return python


def wheel(python, scratch):
    """This repository's package as a wheel, built by an environment that has a network to fetch setuptools from."""
    source, place = os.path.join(scratch, "package"), os.path.join(scratch, "wheel")
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("tests", "__pycache__", "build", "*.egg-info"))
    pip(python, SETUPTOOLS)
    run(python, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", place, source)
    (name,) = os.listdir(place)
    return os.path.join(place, name)


def pip(python, *requirements, by=None):
    """Installs; `by` is the interpreter whose pip does it for an environment that has none."""
    where = ["--python", python] if by else []
    options = ["--quiet", "--disable-pip-version-check"]
    run(by or python, "-m", "pip", *options, *where, "install", "--force-reinstall", "--no-deps" if by else "--upgrade", *requirements)


def run(*command):
    """Runs a command to its end."""
    subprocess.run(command, check=True, capture_output=True, text=True, env=clean(os.environ))


def clean(environment):
    """An environment without what changes how Python works, the writing of bytecode for one, or leads to another xpmd."""
    return {name: value for name, value in environment.items() if not name.startswith(("PYTHON", "XPM"))}
