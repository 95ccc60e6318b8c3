"""Exports upstream's log-mel preprocessor and writes what Hugging Face's feature extractor of Whisper makes instead.

`python -m flink_executorch_models.media.mel runner/src/test/resources/audio` reads `pcm-16.wav` and writes
`mel-80.pte`, `mel-128-stacked.pte` and `mel.zip` with entries `<bins>-<repetitions of the sound>` of
[bins, frames / 20] float32, little-endian: every twentieth frame. `mel-80-short.pte` and `mel-16-stacked.pte` have
windows of 1 s, as the encoders of the conformance models whisper and voxtral take them.
"""

import argparse
import wave
import zipfile
from pathlib import Path

import numpy as np
from executorch.extension.audio.mel_spectrogram import export_processor
from transformers import WhisperFeatureExtractor

CHUNK = 30 * 16000
EVERY = 20
MAX_SECONDS = 60


def samples(file: Path) -> np.ndarray:
    with wave.open(str(file)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32) / 32768


def features(sound: np.ndarray, bins: int) -> np.ndarray:
    """[bins, 3000 * chunks]"""
    padded = np.pad(sound, (0, -len(sound) % CHUNK))
    extractor = WhisperFeatureExtractor(feature_size=bins)
    return extractor(padded, sampling_rate=16000, truncation=False, return_tensors="np")["input_features"][0]


def write_goldens(folder: Path) -> None:
    export_processor(str(folder / "mel-80.pte"), max_audio_len=MAX_SECONDS)
    stacked = {"feature_size": 128, "stack_output": True}
    export_processor(str(folder / "mel-128-stacked.pte"), max_audio_len=MAX_SECONDS, **stacked)
    export_processor(str(folder / "mel-80-short.pte"), chunk_length=1, max_audio_len=1)
    coarse = {"feature_size": 16, "hop_length": 400, "stack_output": True}
    export_processor(str(folder / "mel-16-stacked.pte"), chunk_length=1, max_audio_len=10, **coarse)
    sound = samples(folder / "pcm-16.wav")
    with zipfile.ZipFile(folder / "mel.zip", "w") as archive:
        for bins, repetitions in ((80, 1), (80, 160), (128, 1), (128, 160)):
            golden = features(np.tile(sound, repetitions), bins)[:, ::EVERY].astype("<f4")
            entry = zipfile.ZipInfo(f"{bins}-{repetitions}")
            archive.writestr(entry, golden.tobytes(), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write_goldens(parser.parse_args().folder)
