"""xpm-mlboard's TensorBoard, as it comes from PyPI: a process, a self-inclusive composite, and a one-shot."""

from __future__ import annotations

import json
import urllib.request

import pytest

from instance import Instance
from xpmd import Client

from .program import program

pytest.importorskip("xpm_mlboard")


def test_it_serves_and_its_export_says_why_it_failed(instance: Instance, client: Client) -> None:
    with program(instance, "driver.py", str(instance.root / "ws"), "exp", "attach") as driver:
        driver.hear()
        board = "__import__('xpm_mlboard.backends').backends.TensorboardService"
        told = driver.ask(f"add({board}(xp.resultspath / 'runs'))")
        assert told["type"] == "xpm_mlboard.backends.tensorboard.TensorboardService"
        url = driver.ask("get('tensorboard').get_url()")
        with urllib.request.urlopen(url + "data/runs", timeout=60) as answer:
            assert json.load(answer) == []
        client.start("exp:tensorboard/wandb")
        # Its wandb is not installed here, which the class only logs before it says that it has stopped.
        export = client.wait("exp:tensorboard/wandb", "ended", 60)
        assert export.state.value == "ERROR" and export.error is not None and "wandb" in export.error
        driver.kill()
        with urllib.request.urlopen(url, timeout=60) as answer:
            assert answer.status == 200
        client.stop("exp:tensorboard")
        assert client.wait("exp:tensorboard", "ended", 60).state.value == "STOPPED"
