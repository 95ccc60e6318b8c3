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


def bmp_rle8(indexes: np.ndarray, palette: bytes) -> bytes:
    """Writes a run-length encoded bitmap of 256 colors, `palette` in RGB; each pixel is a run of its own."""
    height, width = indexes.shape
    colors = np.zeros((256, 4), np.uint8)
    rgb = np.frombuffer(palette, np.uint8).reshape(-1, 3)
    colors[: len(rgb), :3] = rgb[:, ::-1]
    rows = [b"".join(bytes([1, index]) for index in row) + b"\0\0" for row in indexes[::-1]]
    data = b"".join(rows)[:-2] + b"\0\1"
    offset = 14 + 40 + colors.nbytes
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(data), 2835, 2835, 256, 0)
    return struct.pack("<2sIHHI", b"BM", offset + len(data), 0, 0, offset) + info + colors.tobytes() + data


def tiff(rgb: np.ndarray, *, tile: int = 0, planar=False) -> bytes:
    """Writes an uncompressed file in tiles, or in one strip for each channel."""
    height, width = rgb.shape[:2]
    if tile:
        padded = np.pad(rgb, ((0, -height % tile), (0, -width % tile), (0, 0)))
        parts = [
            padded[y : y + tile, x : x + tile].tobytes()
            for y in range(0, height, tile)
            for x in range(0, width, tile)
        ]
    else:
        parts = [np.ascontiguousarray(rgb[..., channel]).tobytes() for channel in range(3)]
    offsets, counts = (324, 325) if tile else (273, 279)
    layout = [(322, [tile]), (323, [tile])] if tile else [(278, [height])]
    sizes = [len(part) for part in parts]
    starts = [8 + sum(sizes[:index]) for index in range(len(sizes))]
    tags = {256: [width], 257: [height], 258: [8] * 3, 259: [1], 262: [2], 277: [3], 284: [2 if planar else 1]}
    tags |= {offsets: starts, counts: sizes} | dict(layout)
    values, entries = b"", b""
    at = 8 + sum(sizes)
    for tag, numbers in sorted(tags.items()):
        packed = struct.pack(f"<{len(numbers)}I", *numbers)
        place = numbers[0] if len(numbers) == 1 else at + len(values)
        values += packed if len(numbers) > 1 else b""
        entries += struct.pack("<HHII", tag, 4, len(numbers), place)
    directory = at + len(values)
    head = struct.pack("<2sHI", b"II", 42, directory)
    return head + b"".join(parts) + values + struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
