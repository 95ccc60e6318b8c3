"""Image variants that Pillow reads but does not write: 16-bit color, interlaced and keyed PNG, partial GIF, 565 BMP."""

import struct
import zlib

import numpy as np

ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png(samples: np.ndarray, color_type: int, *, interlaced=False, chunks: tuple = ()) -> bytes:
    """Writes samples [height, width, channels] of uint8 or big-endian uint16; `chunks` go before the data."""
    height, width = samples.shape[:2]
    if interlaced:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        rows = [row for part in passes if part.size for row in part]
    else:
        rows = list(samples)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows), 9)
    depth = samples.dtype.itemsize * 8
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    parts = [(b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_png_chunk, parts))


def _png_chunk(part: tuple) -> bytes:
    kind, content = part
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bmp_565(rgb: np.ndarray) -> bytes:
    """Writes a top-down bitmap of 16 bits a pixel with masks for 5, 6 and 5 bits."""
    height, width = rgb.shape[:2]
    red, green, blue = (rgb[..., channel].astype(np.uint16) for channel in range(3))
    pixels = (red >> 3 << 11 | green >> 2 << 5 | blue >> 3).astype("<u2")
    padded = np.zeros((height, width + width % 2), "<u2")
    padded[:, :width] = pixels
    offset = 14 + 40 + 12
    info = struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 16, 3, padded.nbytes, 2835, 2835, 0, 0)
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    return struct.pack("<2sIHHI", b"BM", offset + padded.nbytes, 0, 0, offset) + info + masks + padded.tobytes()


def placed_gif(gif: bytes, canvas: tuple, left: int, top: int) -> bytes:
    """Puts the first frame of a GIF at a place on a larger canvas."""
    content = bytearray(gif)
    struct.pack_into("<HH", content, 6, *canvas)
    descriptor = 13 + (3 << (content[10] & 7) + 1 if content[10] & 0x80 else 0)
    while content[descriptor] == 0x21:
        descriptor += 2
        while content[descriptor]:
            descriptor += content[descriptor] + 1
        descriptor += 1
    struct.pack_into("<HH", content, descriptor + 1, left, top)
    return bytes(content)


def without_adobe_marker(jpeg: bytes) -> bytes:
    start = jpeg.index(b"\xff\xee")
    return jpeg[:start] + jpeg[start + 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big") :]


def with_adobe_transform(jpeg: bytes, transform: int) -> bytes:
    place = jpeg.index(b"\xff\xee") + 15
    return jpeg[:place] + bytes([transform]) + jpeg[place + 1 :]
