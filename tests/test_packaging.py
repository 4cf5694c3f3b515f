"""The wheel: what is in it, and that it does everything away from the checkout."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    [file] = out.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def tripoli(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own and return its command.

    The packages it depends on are lent from here by a line in a .pth file, which does not lend the checkout:
    the .pth file of an editable install is not read from there.
    """
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    python = str(folder / "env" / "bin" / "python")
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (Path(site) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    options = ["--disable-pip-version-check", "--quiet", "--no-deps", "--no-index"]
    install = [python, "-m", "pip", "install", *options, str(wheel)]
    subprocess.run(install, check=True)
    return folder / "env" / "bin" / "tripoli"


def at(command: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [command, *words], capture_output=True, text=True, cwd=command.parents[2], env=environment, check=False
    )


def test_top_level_names(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"tripoli_bench", "tripoli_loaders"}
    assert {"tripoli_bench/py.typed", "tripoli_loaders/py.typed"} <= set(names)


def test_data_in_the_wheel_has_its_checksums(wheel: Path) -> None:
    inside = "tripoli_loaders/annotations/"
    with zipfile.ZipFile(wheel) as archive:
        lines = archive.read(f"{inside}SHA256SUMS").decode().splitlines()
        sums = {name.removeprefix("./"): digest for digest, name in (line.split("  ") for line in lines)}
        found = {
            name.removeprefix(inside): hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if name.startswith(inside) and not name.endswith("SHA256SUMS")
        }

    assert found == sums
    assert sum(name.startswith("articles/") for name in found) == 5


def test_installed_wheel_verifies_runs_scores_and_checks(tripoli: Path) -> None:
    verified = at(tripoli, "data", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert str(tripoli.parents[1]) in verified.stdout  # its own data, not the checkout's
    assert str(ROOT) not in verified.stdout

    assert at(tripoli, "run", "rules", "crf", "--out", "runs").returncode == 0
    assert at(tripoli, "check", "runs/rules/predictions.jsonl", "runs/crf/predictions.jsonl").returncode == 0
    scored = at(tripoli, "score", "runs")
    assert scored.returncode == 0, scored.stderr
    assert "rules" in scored.stdout
    assert "crf" in scored.stdout

    assert at(tripoli, "data", "export", "--out", "data").returncode == 0
    gold = at(tripoli, "score", "data/gold.jsonl")
    assert gold.returncode == 0
    assert "1.000" in gold.stdout
