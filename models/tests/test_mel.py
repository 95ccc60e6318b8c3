import zipfile
from pathlib import Path

import numpy as np
import pytest

from flink_executorch_models.media.mel import EVERY, features, samples

SOUNDS = Path(__file__).parents[2] / "runner" / "src" / "test" / "resources" / "audio"


@pytest.mark.parametrize(("bins", "repetitions"), [(80, 1), (128, 160)])
def test_features_are_made_again_as_committed(bins, repetitions):
    with zipfile.ZipFile(SOUNDS / "mel.zip") as archive:
        committed = np.frombuffer(archive.read(f"{bins}-{repetitions}"), "<f4").reshape(bins, -1)
    again = features(np.tile(samples(SOUNDS / "pcm-16.wav"), repetitions), bins)[:, ::EVERY]
    np.testing.assert_allclose(again, committed, atol=1e-5)
