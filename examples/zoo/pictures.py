"""The tutorial's pictures, as SVG that follows the page's light or dark theme. Only Python is needed."""
import html

STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.soft { fill: #59636e } .end { text-anchor: end } .line { stroke: #d0d7de; fill: none }
.c0 { color: #0550ae } .c1 { color: #bc4c00 } .c2 { color: #116329 } .c3 { color: #8250df } .c4 { color: #6e7781 }
.fill { fill: currentColor } .curve { stroke: currentColor; fill: none; stroke-width: 2 } .dash { stroke-dasharray: 5 4 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .soft { fill: #9198a1 } .line { stroke: #3d444d }
.c0 { color: #58a6ff } .c1 { color: #f0883e } .c2 { color: #3fb950 } .c3 { color: #bc8cff } .c4 { color: #9198a1 }
}
</style>"""


def svg(width, height, alt, parts):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'role="img" aria-label="{html.escape(alt)}">')
    return "\n".join([head, STYLE, *parts, "</svg>", ""])


def text(x, y, words, kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{html.escape(words)}</text>'


def weights(nets):
    """A bar per net, cut into its layers. nets: [(name, [(layer, parameters)])]"""
    parts = []
    for row, (name, layers) in enumerate(nets):
        y, x, total = 8 + 34 * row, 150.0, sum(count for _, count in layers)
        parts.append(text(140, y + 17, name, "end"))
        for index, (layer, count) in enumerate(layers):
            width = 420 * count / total
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{max(width - 1, 0.5):.1f}" height="24" class="fill c{index % 4}" '
                         f'fill-opacity="0.3"><title>{layer}: {count:,}</title></rect>')
            word = layer.split(".")[-1]
            if width > 9 * len(word):
                parts.append(text(x + 6, y + 17, word))
            x += width
        parts.append(text(670, y + 17, f"{total:,}", "end"))
    return svg(680, 34 * len(nets) + 8, "Each net's parameters by layer", parts)


def fields(size, layers):
    """Squares as large as the receptive fields, on the pixels of a picture. layers: [(layer, field)]"""
    cell, left = 10, 8
    grid = "".join(f"M{left} {left + cell * i}h{cell * size}M{left + cell * i} {left}v{cell * size}" for i in range(size + 1))
    parts = [f'<path class="line" d="{grid}"/>']
    for index, (layer, field) in enumerate(layers):
        side = cell * min(field, size)
        at = left + (cell * size - side) / 2
        y = 24 + 24 * index
        parts.append(f'<rect x="{at:.1f}" y="{at:.1f}" width="{side}" height="{side}" class="curve c{index % 5}"/>')
        parts.append(f'<rect x="320" y="{y - 11}" width="12" height="12" class="curve c{index % 5}"/>')
        parts.append(text(342, y, layer) + text(480, y, str(field), "end"))
    return svg(500, max(cell * size + 2 * left, 24 * len(layers) + 16), "How much of the picture each layer sees", parts)


def curves(alt, x_name, most, lines):
    """Curves of a loss from 0 to `most`; higher points are left out. lines: [(name, class, [(x, y)])]"""
    left, top, width, height = 40, 12, 430, 240
    last = max(x for _, _, points in lines for x, _ in points)
    parts = []
    for tick in range(6):
        y = top + height * (1 - tick / 5)
        parts.append(f'<path class="line" d="M{left} {y:.1f}h{width}"/>' + text(left - 6, y + 4, f"{most * tick / 5:.1f}", "soft end"))
    for tick in range(1, 5):
        parts.append(text(left + width * tick / 4, top + height + 18, f"{last * tick / 4:g}", "soft end"))
    parts.append(text(left, top + height + 18, x_name, "soft"))
    for index, (name, kind, points) in enumerate(lines):
        path = " ".join(f"{left + width * x / last:.1f},{top + height * (1 - y / most):.1f}" for x, y in points if y <= most)
        parts.append(f'<polyline class="curve {kind}" points="{path}"/>')
        y = top + 20 + 24 * index
        parts.append(f'<path class="curve {kind}" d="M{left + width + 14} {y - 4}h24"/>' + text(left + width + 46, y, name))
    return svg(680, top + height + 28, alt, parts)
