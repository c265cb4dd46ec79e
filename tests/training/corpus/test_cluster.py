"""Music read on the workers of a Dask scheduler."""

import importlib.util
from pathlib import Path

import pytest

from livegen.errors import SettingsError
from livegen.training.corpus import corpus as corpora
from livegen.training.corpus import stored
from livegen.training.corpus.cluster import over_workers
from livegen.training.corpus.store import StoredTune

installed = importlib.util.find_spec("distributed") is not None
TUNE = "X:1\nM:4/4\nL:1/8\nK:G\nGABc d2ef|GABc d2ef|\n"


@pytest.mark.skipif(not installed, reason="Dask (livegen[cluster]) is not installed")
def test_two_workers_read_a_folder_as_one_process_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(stored, "FEWEST", 5)
    monkeypatch.setattr(stored, "_IN_A_PART", 3)
    for number in range(8):
        (tmp_path / f"{number}.abc").write_text(TUNE + "GABc" * number + "\n")
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        found = stored.read(tmp_path, over_workers(cluster.scheduler_address), tmp_path / "cache")
    assert found.digest() == corpora.read(tmp_path).digest() and len(found.tunes) == 8
    assert all(isinstance(tune, StoredTune) for tune in found.tunes)  # read by the workers, not here in their place


@pytest.mark.skipif(not installed, reason="Dask (livegen[cluster]) is not installed")
def test_an_address_without_a_scheduler_gets_a_sentence() -> None:
    with pytest.raises(SettingsError, match="no Dask scheduler at nonsense://x "):
        list(over_workers("nonsense://x")([]))


@pytest.mark.skipif(installed, reason="Dask is installed")
def test_without_dask_one_sentence_says_what_to_install() -> None:
    with pytest.raises(SettingsError, match=r"pip install 'livegen\[cluster\]'"):
        over_workers("tcp://127.0.0.1:8786")
