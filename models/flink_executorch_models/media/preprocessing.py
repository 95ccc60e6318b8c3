"""Writes what Pillow's resize and the Hugging Face image processors (those on Pillow and NumPy) make of drawn images.

`python -m flink_executorch_models.media.preprocessing runner/src/test/resources/preprocessing` writes the inputs
`<width>x<height>.png`, `resized.zip` with entries `<input>/<filter>/<width>x<height>` of RGB rows, and
`processed.zip` with `<case>/config.json` and `<case>/<input>`: the shape as int32, then float32 values, or bytes
if the processor leaves them so; all little-endian.
"""

import argparse
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from transformers import CLIPImageProcessor, SiglipImageProcessor, ViTImageProcessor
from transformers.models.gemma3.image_processing_gemma3 import Gemma3ImageProcessor
from transformers.models.idefics3.image_processing_idefics3 import Idefics3ImageProcessor
from transformers.models.llava.image_processing_llava import LlavaImageProcessor
from transformers.models.smolvlm.image_processing_smolvlm import SmolVLMImageProcessor

from flink_executorch_models.media.images import scene

INPUTS = ((61, 47), (30, 97), (200, 131), (24, 24), (19, 5))
SIZES = ((24, 24), (61, 20), (7, 71), (80, 60))
FILTERS = ("NEAREST", "LANCZOS", "BILINEAR", "BICUBIC", "BOX", "HAMMING")


def inputs() -> dict:
    return {f"{width}x{height}": Image.fromarray(scene(width, height)[..., :3]) for width, height in INPUTS}


def processors() -> dict:
    square = {"height": 28, "width": 28}
    return {
        "clip": CLIPImageProcessor(size={"shortest_edge": 30}, crop_size=square),
        "clip-padded": CLIPImageProcessor(size={"shortest_edge": 15}, crop_size={"height": 20, "width": 33}),
        "siglip": SiglipImageProcessor(size={"height": 24, "width": 32}),
        "vit-imagenet": ViTImageProcessor(
            size=square, resample=0, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225]
        ),
        "gemma3": Gemma3ImageProcessor(size=square),
        "llava": LlavaImageProcessor(size={"shortest_edge": 26}, crop_size={"height": 26, "width": 26}),
        "llava-square": LlavaImageProcessor(size={"shortest_edge": 26}, crop_size=square, do_pad=True),
        "bytes": SiglipImageProcessor(size=square, do_rescale=False, do_normalize=False),
        "rescaled": SiglipImageProcessor(size=square, do_normalize=False, rescale_factor=1 / 127.5),
        "unscaled": SiglipImageProcessor(size=square, do_rescale=False, image_mean=[127.5] * 3, image_std=[64] * 3),
        "unresized": CLIPImageProcessor(do_resize=False, crop_size=square),
        "idefics3": Idefics3ImageProcessor(size={"longest_edge": 64}, max_image_size={"longest_edge": 16}),
        "smolvlm": SmolVLMImageProcessor(size={"longest_edge": 48}, max_image_size={"longest_edge": 24}),
        "smolvlm-whole": SmolVLMImageProcessor(
            size={"longest_edge": 48}, max_image_size={"longest_edge": 24}, do_image_splitting=False
        ),
    }


def processed(processor, image) -> np.ndarray:
    """[images, 3, height, width]"""
    pixels = processor(image, return_tensors="np")["pixel_values"]
    return pixels.reshape(-1, *pixels.shape[-3:])


def write_goldens(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in inputs().items():
        image.save(folder / f"{name}.png", optimize=True)
    with zipfile.ZipFile(folder / "resized.zip", "w") as archive:
        for name, image in inputs().items():
            for filter in FILTERS:
                for size in SIZES:
                    resized = image.resize(size, Image.Resampling[filter])
                    _add(archive, f"{name}/{filter}/{size[0]}x{size[1]}", resized.tobytes())
    with zipfile.ZipFile(folder / "processed.zip", "w") as archive:
        for case, processor in processors().items():
            config = {key: value for key, value in processor.to_dict().items() if not key.startswith("_")}
            _add(archive, f"{case}/config.json", json.dumps(config).encode())
            for name, image in inputs().items():
                pixels = processed(processor, image)
                shape = np.asarray(pixels.shape, "<i4").tobytes()
                _add(archive, f"{case}/{name}", shape + pixels.astype(pixels.dtype.newbyteorder("<")).tobytes())


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write_goldens(parser.parse_args().folder)
