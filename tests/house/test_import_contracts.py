import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.source import ROOT, tracked


def test_the_import_contracts_are_kept() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_module_beneath_service_has_its_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = " ".join(next(each for each in contracts if each["id"] == "floors")["layers"])
    placed = set(floors.replace("(", " ").replace(")", " ").replace("|", " ").replace(":", " ").split())
    present = {Path(name).parts[1].removesuffix(".py") for name in tracked() if name.startswith("service/")}

    assert present - placed - {"__init__", "decisions", "py.typed"} == set(), "give it a floor in pyproject.toml"
