"""Draws tokens per second against sequences: a panel for each model, bits and lengths, a line for each contestant."""

import math
from statistics import median
from xml.sax.saxutils import escape

from measure import Comparison

WIDTH, HEIGHT, COLUMNS = 380, 260, 3
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 28, 36
COLORS = {
    "ours": "#d62728",
    "llama.cpp": "#1f77b4",
    "llama.cpp server": "#6baed6",
    "ExecuTorch runner": "#2ca02c",
    "transformers f32": "#9467bd",
    "transformers bf16": "#c5b0d5",
    "java-llama.cpp in Flink": "#ff7f0e",
    "machine limit": "#7f7f7f",
}

Line = dict[int, float]  # sequences -> tokens per second


def throughput_plot(comparisons: list[Comparison]) -> str:
    """An SVG, or nothing where no panel has a line."""
    panels = {title: lines for title, lines in _panels(comparisons).items() if len(lines["ours"]) > 1}
    if not panels:
        return ""
    rows = math.ceil(len(panels) / COLUMNS)
    columns = min(len(panels), COLUMNS)
    names = [name for name in COLORS if any(name in lines for lines in panels.values())]
    legend = _legend(names, rows * HEIGHT + 18)
    drawn = [
        _panel(title, lines, i % COLUMNS * WIDTH, i // COLUMNS * HEIGHT)
        for i, (title, lines) in enumerate(panels.items())
    ]
    width, height = max(columns * WIDTH, 175 * min(len(names), 4)), rows * HEIGHT + 20 + 18 * math.ceil(len(names) / 4)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join([*drawn, legend]) + "\n</svg>\n"
    )


def _panels(comparisons: list[Comparison]) -> dict[str, dict[str, Line]]:
    panels: dict[str, dict[str, Line]] = {}
    for comparison in comparisons:
        case = comparison.case
        if case.kind != "batch" or comparison.failure:
            continue
        title = f"{case.shape}, {case.bits} bits, {case.prompt} in, {case.generated} out"
        lines = panels.setdefault(title + (", shared" if case.shared else ""), {"ours": {}})
        ours = [run.tokens_per_second for run, _ in comparison.rounds]
        # Against several peers, the first of them: the rounds with the others are other moments of the machine.
        lines["ours"].setdefault(case.sequences, median(ours))
        peer = [run.tokens_per_second for _, run in comparison.rounds]
        lines.setdefault(comparison.peer, {})[case.sequences] = median(peer)
    return panels


def _panel(title: str, lines: dict[str, Line], x: int, y: int) -> str:
    most = max(value for name, line in lines.items() for value in line.values() if name != "machine limit")
    step = 10 ** math.floor(math.log10(most))
    step = next(step * part for part in (0.2, 0.5, 1, 2) if most / (step * part) <= 6)
    top = math.ceil(most / step) * step
    counts = sorted({count for line in lines.values() for count in line})
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def across(count: int) -> float:
        spread = math.log2(counts[-1] / counts[0]) or 1
        return LEFT + wide * math.log2(count / counts[0]) / spread

    def up(value: float) -> float:
        return TOP + high * (1 - min(value, top) / top)

    parts = [
        f'<g transform="translate({x},{y})">',
        f'<text x="{LEFT}" y="16" font-weight="bold">{escape(title)}</text>',
    ]
    for i in range(round(top / step) + 1):
        level = up(i * step)
        parts.append(f'<path d="M{LEFT} {level:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{level + 4:.1f}" text-anchor="end">{i * step:g}</text>')
    parts += [f'<text x="{across(n):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{n}</text>' for n in counts]
    parts.append(
        f'<text x="{LEFT + wide / 2}" y="{HEIGHT - 6}" text-anchor="middle">sequences; tokens/s upwards</text>'
    )
    for name, line in lines.items():
        points = [(across(count), up(value)) for count, value in sorted(line.items()) if value <= top]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        color = COLORS[name]
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{2.5 if name == "ours" else 1.5}"/>'
        )
        parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{color}"/>' for px, py in points]
    return "\n".join([*parts, "</g>"])


def _legend(names: list[str], y: int) -> str:
    places = [(20 + i % 4 * 170, y + i // 4 * 18) for i in range(len(names))]
    return "\n".join(
        f'<path d="M{x} {y - 4}h18" stroke="{COLORS[name]}" stroke-width="3"/>'
        f'<text x="{x + 23}" y="{y}">{escape(name)}</text>'
        for name, (x, y) in zip(names, places, strict=True)
    )
