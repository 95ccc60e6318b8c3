"""Draws an image in every format and variant, and writes what Pillow makes of each.

`python -m flink_executorch_models.media.images runner/src/test/resources/images` writes `<variant>.<format>` and
`goldens.zip`, in which `<variant>` holds the pixels as width, height (both uint16, big-endian) and RGB rows:
turned as EXIF says, transparency composited over white, 16 bits cut to the upper 8, color profiles ignored.
"""

import argparse
import io
import struct
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

from flink_executorch_models.media import image_writers as write

WIDTH, HEIGHT = 37, 23
ORIENTATION = 0x0112
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
ICC = PROFILE[:24] + bytes(12) + PROFILE[36:]  # without the date


def scene(width=WIDTH, height=HEIGHT, seed=1) -> np.ndarray:
    """Gradients, hard edges and noise, [height, width, 4]; every alpha value occurs in the larger ones."""
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(seed).integers(0, 40, (height, width))
    red = x * 255 // max(width - 1, 1)
    green = y * 255 // max(height - 1, 1)
    blue = ((x // 5 + y // 4) % 2) * 200 + noise
    alpha = (x * 7 + y * 11) % 256
    alpha[: height // 3] = 255
    alpha[-1] = 0
    return np.stack([red, green, blue, alpha], -1).astype(np.uint8)


def smooth_scene() -> np.ndarray:
    """Slow gradients, as photographs mostly have, [48, 64, 3]."""
    y, x = np.mgrid[:48, :64]
    channels = [128 + 100 * np.sin(x / 23 + y / 31), x * 2 + y, 200 - 120 * np.cos(y / 19 - x / 40)]
    return np.clip(np.stack(channels, -1), 0, 255).astype(np.uint8)


def variants() -> dict:
    """File name to content."""
    rgba = Image.fromarray(scene())
    rgb = rgba.convert("RGB")
    grey = rgb.convert("L")
    wide = np.stack([np.kron(grey, np.ones((1, 1))).astype(">u2") * 257 - channel for channel in (0, 60, 7, 129)], -1)
    palette = rgb.quantize(200)
    cmyk = Image.merge("CMYK", [*rgb.split(), grey])
    files = {}

    def add(name: str, image, **options):
        content = image
        if isinstance(image, Image.Image):
            stream = io.BytesIO()
            image.save(stream, {"jpg": "JPEG", "tif": "TIFF"}.get(name[-3:]) or name.rpartition(".")[2], **options)
            content = stream.getvalue()
        files[name] = content

    add("rgb.png", rgb)
    add("rgba.png", rgba)
    add("grey.png", grey)
    add("grey-alpha.png", rgba.convert("LA"))
    add("grey-1bit.png", grey.convert("1"))
    add("palette.png", palette)
    add("palette-4bit.png", rgb.quantize(16))
    add("palette-2bit.png", rgb.quantize(4))
    add("palette-key.png", palette, transparency=bytes(i * 3 % 256 for i in range(200)))
    add("icc.png", rgb, icc_profile=ICC)
    add("grey-16bit.png", write.png(wide[..., :1], 0))
    add("rgb-16bit.png", write.png(wide[..., :3], 2))
    add("rgba-16bit.png", write.png(wide, 6))
    add("interlaced.png", write.png(np.asarray(rgb), 2, interlaced=True))
    key = (b"tRNS", np.asarray(rgb)[3, 4].astype(">u2").tobytes())
    add("rgb-key.png", write.png(np.asarray(rgb), 2, chunks=(key,)))
    grey_key = (b"tRNS", np.asarray(grey)[3, 4].astype(">u2").tobytes())
    add("grey-key.png", write.png(np.asarray(grey)[..., None], 0, chunks=(grey_key,)))
    add("text.png", rgb, pnginfo=_text())

    add("444.jpg", rgb, quality=90, subsampling=0)
    add("422.jpg", rgb, quality=90, subsampling=1)
    add("420.jpg", rgb, quality=90, subsampling=2)
    add("progressive.jpg", rgb, quality=85, progressive=True)
    add("grey.jpg", grey, quality=90)
    add("rgb.jpg", rgb, quality=90, keep_rgb=True)
    add("cmyk.jpg", cmyk, quality=90)
    add("cmyk-plain.jpg", write.without_adobe_marker(files["cmyk.jpg"]))
    add("ycck.jpg", write.with_adobe_transform(files["cmyk.jpg"], 2))
    add("icc.jpg", rgb, quality=90, icc_profile=ICC)
    add("restarts.jpg", rgb, quality=90, restart_marker_blocks=2)
    add("comment.jpg", rgb, quality=90, comment=b"x" * 300)

    exif = Image.Exif()
    for orientation in range(1, 9):
        exif[ORIENTATION] = orientation
        add(f"turned-{orientation}.jpg", rgb, quality=95, subsampling=0, exif=exif)
    exif[ORIENTATION] = 6
    add("turned-6.png", rgba, exif=exif)
    add("turned-6.webp", rgba, lossless=True, exif=exif)
    add("turned-6.tif", rgb, exif=exif)

    add("lossless.webp", rgb, lossless=True)
    add("lossless-alpha.webp", rgba, lossless=True, exact=True)
    add("lossy.webp", rgb, quality=90)
    add("lossy-alpha.webp", rgba, quality=90)
    frames = [Image.fromarray(scene(seed=seed)) for seed in (2, 3)]
    smooth = Image.fromarray(smooth_scene())
    add("smooth.webp", smooth, quality=90)
    add("smooth.jpg", smooth, quality=90)
    add("animated.webp", rgba, lossless=True, save_all=True, append_images=frames, duration=50)
    add("icc.webp", rgb, lossless=True, icc_profile=ICC)

    add("palette.gif", palette)
    add("key.gif", rgba.quantize(64), transparency=3)
    add("animated.gif", palette, save_all=True, append_images=[frame.convert("RGB") for frame in frames])
    add("placed.gif", write.placed_gif(files["key.gif"], (WIDTH + 9, HEIGHT + 6), 5, 2))

    add("rgb.bmp", rgb)
    add("grey.bmp", grey)
    add("1bit.bmp", grey.convert("1"))
    add("palette.bmp", palette)
    add("rgba.bmp", rgba)
    add("rle.bmp", write.bmp_rle8(np.asarray(palette), bytes(palette.getpalette())))
    add("565.bmp", write.bmp_565(np.asarray(rgb)))

    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        add(f"{compression.removeprefix('tiff_').replace('_', '-')}.tif", rgb, compression=compression)
    add("predictor.tif", rgb, compression="tiff_lzw", tiffinfo={317: 2})
    add("tiled.tif", write.tiff(np.asarray(rgb), tile=16))
    add("planar.tif", write.tiff(np.asarray(rgb), planar=True))
    add("rgba.tif", rgba, compression="tiff_lzw")
    add("grey.tif", grey)
    add("grey-16bit.tif", Image.fromarray(wide[..., 0].astype(np.uint16)))
    add("palette.tif", palette)
    add("cmyk.tif", cmyk, compression="tiff_lzw")
    add("1bit.tif", grey.convert("1"))
    add("group4.tif", grey.convert("1"), compression="group4")
    add("two-pages.tif", rgb, save_all=True, append_images=[frames[0].convert("RGB")])
    add("big-endian.tif", rgb, big_endian=True)
    return files


def _text():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "x" * 1000, zip=True)
    return info


def pixels(content: bytes) -> np.ndarray:
    """What Pillow makes of a file, [height, width, 3]."""
    image = Image.open(io.BytesIO(content))
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode == "CMYK":
        return np.asarray(image.convert("RGB"))
    image = image.convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB"))


def golden(rgb: np.ndarray) -> bytes:
    return struct.pack(">HH", rgb.shape[1], rgb.shape[0]) + rgb.tobytes()


def write_goldens(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "goldens.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as goldens:
        for name, content in variants().items():
            (folder / name).write_bytes(content)
            goldens.writestr(zipfile.ZipInfo(name), golden(pixels(content)), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write_goldens(parser.parse_args().folder)
