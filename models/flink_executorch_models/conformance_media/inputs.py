"""What goes into a multimodal prompt: text, tokens, and images and audio features that lie beside the goldens."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from executorch.extension.llm.runner import (
    MultimodalInput,
    make_audio_input,
    make_image_input,
    make_text_input,
    make_token_input,
)


@dataclass(frozen=True, eq=False)
class Media:
    """An image [channels, height, width] or audio features [batch, bins, frames], and the file that holds it."""

    kind: str
    file: str
    data: torch.Tensor

    def described(self) -> dict:
        sizes = ("channels", "height", "width") if self.kind == "image" else ("batch", "bins", "frames")
        return {self.kind: {"file": self.file} | dict(zip(sizes, self.data.shape, strict=True))}

    def official(self) -> MultimodalInput:
        return make_image_input(self.data) if self.kind == "image" else make_audio_input(self.data)

    def write(self, folder: Path) -> None:
        self.data.numpy().astype(self.data.numpy().dtype.newbyteorder("<")).tofile(folder / self.file)


def images(dtype: torch.dtype, shapes: list[tuple[int, int, int]], seed: int = 3) -> list[Media]:
    """Random images: bytes, or floats as a processor leaves them, between -1 and 1."""
    generator = torch.Generator().manual_seed(seed)
    pixels = [torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8) for shape in shapes]
    if dtype == torch.uint8:
        return [Media("image", f"image-{number}.u8", data) for number, data in enumerate(pixels, start=1)]
    return [Media("image", f"image-{number}.f32", data / 127.5 - 1) for number, data in enumerate(pixels, start=1)]


def features(shapes: list[tuple[int, int, int]], seed: int = 5) -> list[Media]:
    """Random audio features, about as large as a log-mel spectrogram's."""
    generator = torch.Generator().manual_seed(seed)
    data = [torch.rand(shape, generator=generator) * 2 - 0.5 for shape in shapes]
    return [Media("audio", f"audio-{number}.f32", item) for number, item in enumerate(data, start=1)]


def described(item: str | list[int] | Media) -> dict:
    """An input as it stands in a golden file."""
    if isinstance(item, Media):
        return item.described()
    return {"text": item} if isinstance(item, str) else {"tokens": item}


def official(item: str | list[int] | Media) -> MultimodalInput:
    """An input as the official runner takes it."""
    if isinstance(item, Media):
        return item.official()
    return make_text_input(item) if isinstance(item, str) else make_token_input(item)


def read(entry: dict, folder: Path) -> str | list[int] | Media:
    """An input from what stands in a golden file."""
    ((kind, value),) = entry.items()
    if kind in ("text", "tokens"):
        return value
    data = np.fromfile(folder / value["file"], dtype="<f4" if value["file"].endswith(".f32") else "u1")
    sizes = [size for name, size in value.items() if name != "file"]
    return Media(kind, value["file"], torch.from_numpy(data.reshape(sizes)))
