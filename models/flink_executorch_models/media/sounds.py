"""Makes one sound in every audio format and variant, and writes what libsndfile makes of each.

`python -m flink_executorch_models.media.sounds runner/src/test/resources/audio` writes `<variant>.<format>` and
`goldens.zip`, in which `<variant>` holds the rate and the channels as int32 and the samples as float32, interleaved
and little-endian; and `resampled.zip` with entries `<from>-<to>` of float64 input and output of SciPy's
`resample_poly`, the input's length as int32 first.

libsndfile writes a random stream number into Ogg files and the time into WAV files of floats; no sample depends on
them.
"""

import argparse
import io
import struct
import zipfile
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

RATES = ((44100, 16000), (48000, 16000), (8000, 16000), (22050, 16000), (11025, 16000), (16001, 16000), (16000, 8000))


def sound(rate: int, seconds: float, channels: int) -> np.ndarray:
    """Gliding tones with noise, [samples, channels], within [-0.9, 0.9]."""
    time = np.arange(int(rate * seconds)) / rate
    noise = np.random.default_rng(7).normal(0, 0.02, time.size)
    tones = [np.sin(2 * np.pi * (220 * (1 + channel) * time + 300 * time**2)) for channel in range(channels)]
    return np.clip(np.stack([0.6 * tone + noise for tone in tones], -1), -0.9, 0.9)


def variants() -> dict:
    """File name to content."""
    mono, stereo = sound(16000, 0.2, 1), sound(22050, 0.15, 2)
    files = {}

    def add(name: str, samples: np.ndarray, rate: int, **options):
        stream = io.BytesIO()
        format = {"wav": "WAV", "flac": "FLAC", "ogg": "OGG", "mp3": "MP3"}[name.rpartition(".")[2]]
        soundfile.write(stream, samples, rate, **{"format": format} | options)
        files[name] = stream.getvalue()

    for subtype in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"):
        add(f"{subtype.lower().replace('_', '-')}.wav", mono, 16000, subtype=subtype)
    add("stereo.wav", stereo, 22050, subtype="PCM_16")
    add("six-channels.wav", sound(16000, 0.03, 6), 16000, subtype="PCM_16")
    add("extensible.wav", stereo, 22050, subtype="PCM_24", format="WAVEX")
    add("extensible-float.wav", mono, 16000, subtype="FLOAT", format="WAVEX")
    pcm = files["pcm-16.wav"]
    data = pcm.index(b"data")
    files["other-chunks.wav"] = pcm[:12] + _chunk(b"LIST", b"odd") + pcm[12:] + _chunk(b"id3 ", b"\0" * 20)
    files["streamed.wav"] = pcm[: data + 4] + b"\xff\xff\xff\xff" + pcm[data + 8 :]

    add("pcm-16.flac", stereo, 22050, subtype="PCM_16")
    add("pcm-24.flac", mono, 16000, subtype="PCM_24")
    add("pcm-s8.flac", mono, 16000, subtype="PCM_S8")
    add("silence.flac", np.zeros((9000, 2)), 44100)
    add("mono.ogg", mono, 16000, subtype="VORBIS")
    add("stereo.ogg", sound(44100, 0.3, 2), 44100, subtype="VORBIS")
    add("mono.mp3", sound(16000, 0.5, 1), 16000)
    add("stereo.mp3", sound(44100, 0.4, 2), 44100)
    add("mono-8k.mp3", sound(8000, 0.5, 1), 8000)
    add("mono-48k.mp3", sound(48000, 0.3, 1), 48000)
    files["tagged.mp3"] = b"ID3\4\0\0\0\0\2\1" + b"\0" * 257 + files["mono.mp3"] + b"TAG" + b"\0" * 125
    return files


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def golden(content: bytes) -> bytes:
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    return struct.pack("<ii", rate, samples.shape[1]) + samples.astype("<f4").tobytes()


def resampled(source: int, target: int) -> bytes:
    samples = sound(source, 0.05, 1)[:, 0]
    divisor = gcd(source, target)
    result = resample_poly(samples, target // divisor, source // divisor)
    return struct.pack("<i", samples.size) + samples.astype("<f8").tobytes() + result.astype("<f8").tobytes()


def write_goldens(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "goldens.zip", "w") as archive:
        for name, content in variants().items():
            (folder / name).write_bytes(content)
            archive.writestr(zipfile.ZipInfo(name), golden(content), zipfile.ZIP_DEFLATED, 9)
    with zipfile.ZipFile(folder / "resampled.zip", "w") as archive:
        for source, target in RATES:
            archive.writestr(zipfile.ZipInfo(f"{source}-{target}"), resampled(source, target), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write_goldens(parser.parse_args().folder)
