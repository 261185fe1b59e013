"""Plain charts as SVG: lines on logarithmic axes, and bars. No outside fonts, scripts or styles."""

import math
from html import escape

FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
INK, FAINT, GRID = "#212529", "#5c636a", "#e3e6e9"


class Canvas:
    """An SVG image that grows by what is drawn on it."""

    def __init__(self, width, height, title):
        self.width, self.height = width, height
        self.parts = []
        self.title = title
        self.rectangle(0, 0, width, height, "#ffffff")
        self.text(20, 30, title, size=17, weight="600")

    def rectangle(self, x, y, width, height, colour):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" '
            f'fill="{colour}"/>'
        )

    def line(self, x1, y1, x2, y2, colour=GRID, width=1):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}"/>'
        )

    def path(self, points, colour, width):
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(
            f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="{width}" '
            'stroke-linejoin="round"/>'
        )

    def dot(self, x, y, colour, radius):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>')

    def text(self, x, y, content, size=12, anchor="start", colour=INK, weight="400"):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}" font-weight="{weight}">{escape(str(content))}</text>'
        )

    def legend(self, x, y, entries):
        for name, colour in entries:
            self.line(x, y - 4, x + 22, y - 4, colour, 4 if name == "Swiftlet" else 2)
            self.text(x + 28, y, name, weight="600" if name == "Swiftlet" else "400")
            x += 46 + 7 * len(name)

    def save(self, path):
        header = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" font-family="{FONT}">\n'
            f"<title>{escape(self.title)}</title>\n"
        )
        path.write_text(header + "\n".join(self.parts) + "\n</svg>\n")


def ticks(low, high):
    """1, 2 and 5 times powers of ten within the range."""
    result = []
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        result += [m * 10**power for m in (1, 2, 5) if low <= m * 10**power <= high]
    return result


def line_panel(canvas, left, top, width, height, title, series):
    """Lines of (x, y) points on two logarithmic axes; the first series is drawn last, and thicker."""
    canvas.text(left, top - 10, title, size=13, weight="600")
    points = [point for _, _, line in series for point in line]
    if not points:
        canvas.text(left, top + 20, "not measured", colour=FAINT)
        return
    xs = sorted({x for x, _ in points})
    low, high = min(y for _, y in points) * 0.85, max(y for _, y in points) * 1.15
    span = math.log(max(xs[-1] / xs[0], 1.01))

    def place(x, y):
        return (
            left + 34 + (width - 46) * math.log(x / xs[0]) / span,
            top + height * (1 - math.log(y / low) / math.log(high / low)),
        )

    for value in ticks(low, high):
        y = place(xs[0], value)[1]
        canvas.line(left + 28, y, left + width, y)
        canvas.text(left + 22, y + 4, f"{value:g}", size=11, anchor="end", colour=FAINT)
    for x in xs:
        canvas.text(place(x, low)[0], top + height + 18, x, size=11, anchor="middle", colour=FAINT)
    canvas.text(
        left + width / 2, top + height + 36, "tokens", size=11, anchor="middle", colour=FAINT
    )
    for name, colour, line in reversed(series):
        is_own = name == "Swiftlet"
        placed = [place(x, y) for x, y in line]
        canvas.path(placed, colour, 3.5 if is_own else 1.8)
        for x, y in placed:
            canvas.dot(x, y, colour, 4 if is_own else 2.6)


def bar_panel(canvas, left, top, width, title, bars, number):
    """Horizontal bars (name, colour, value) from zero, each with its value."""
    canvas.text(left, top + 12, title, size=13, weight="600")
    if not bars:
        canvas.text(left, top + 36, "not measured", colour=FAINT)
        return
    largest = max(value for _, _, value in bars)
    start, room = left + 128, width - 128 - 52
    for index, (name, colour, value) in enumerate(bars):
        y = top + 24 + index * 24
        weight = "600" if name == "Swiftlet" else "400"
        canvas.text(start - 8, y + 13, name, anchor="end", weight=weight)
        canvas.rectangle(start, y, room * value / largest, 18, colour)
        canvas.text(start + room * value / largest + 6, y + 13, number(value), weight=weight)
