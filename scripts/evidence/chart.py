# SPDX-License-Identifier: Apache-2.0
"""Dot plots as SVG: a panel a result, a row a recipe, a dot a seed, a bar at the mean."""

import math
from xml.sax.saxutils import escape

LEFT, PLOT, RIGHT = 230, 460, 110
HEAD, ROW, PANEL_HEAD, PANEL_FOOT, LEGEND = 44, 26, 34, 46, 30
# A wide spread of accuracies is shown by its error, on a logarithmic scale.
LOG_SPREAD = 12.0
STYLE = """
  text { font: 13px system-ui, "Segoe UI", sans-serif; fill: #1f2328 }
  .title { font-size: 17px; font-weight: 600 } .panel { font-weight: 600 } .small { font-size: 12px; fill: #59636e }
  .grid { stroke: #d8dee4 } .dot { fill: #0969da; fill-opacity: .55 } .mean { stroke: #1f2328; stroke-width: 2.5 }
  .base { fill: #6e7781 } .baseline { stroke: #6e7781; stroke-dasharray: 4 3 } .goal { stroke: #1a7f37; stroke-width: 1.5 }
  .paper { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #30363d } .dot { fill: #58a6ff }
    .mean { stroke: #e6edf3 } .base { fill: #9198a1 } .baseline { stroke: #9198a1 } .goal { stroke: #3fb950 } .paper { fill: #0d1117 }
  }
"""


def nice_step(span, ticks):
    """The round step (1, 2, 5 times a power of ten) that gives about so many ticks."""
    raw = span / ticks
    power = 10 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)


class Axis:
    """From values to 0 .. 1, worse to better, and its ticks."""

    def __init__(self, values, percent):
        low, high = min(values), max(values)
        self.log = percent and high - low > LOG_SPREAD
        if self.log:
            self.edges = -math.log(100.5 - max(0.0, low - 2)), -math.log(max(0.2, (100 - high) * 0.8))
            candidates = (0, 10, 50, 70, 80, 85, 90, 92, 94, 95, 96, 97, 98, 98.5, 99, 99.3, 99.5, 99.7)
            inside = [tick for tick in candidates if 0.01 <= self.place(tick) <= 0.99]
            self.ticks = []
            for tick in reversed(inside):     # the best first; those that would overlap go
                if not self.ticks or self.place(self.ticks[-1]) - self.place(tick) > 0.08:
                    self.ticks.append(tick)
        else:
            room = max(high - low, 0.5 if percent else 0.02) * 0.12
            step = nice_step(max(high - low, 0.5 if percent else 0.02) + 2 * room, 6)
            self.edges = math.floor((low - room) / step) * step, math.ceil((high + room) / step) * step
            count = round((self.edges[1] - self.edges[0]) / step)
            self.ticks = [self.edges[0] + place * step for place in range(count + 1)]
        self.label = ("test accuracy, %" + (" (logarithmic in the error)" if self.log else "")) if percent else \
            "bits per character (less is better)"

    def place(self, value):
        if self.log:
            value = -math.log(max(0.2, 100.5 - value) if value < 100 else 0.5)
        return (value - self.edges[0]) / (self.edges[1] - self.edges[0])


def panel(result, matrix, cells, top):
    """Lines of one panel, and its height."""
    recipes = [recipe for recipe in result.recipes if (result.name, recipe) in cells]
    own = {recipe: cells[result.name, recipe] for recipe in recipes}
    percent = next(iter(own.values())).rows[0]["unit"] == "%"
    digits = 2 if percent else 3
    axis = Axis([value for cell in own.values() for value in cell.values], percent)
    place = lambda value: LEFT + PLOT * axis.place(value)
    first, last = top + PANEL_HEAD, top + PANEL_HEAD + ROW * len(recipes)
    lines = [f'<text class="panel" x="16" y="{top + 18}">{escape(result.name)}</text>']
    for tick in axis.ticks:
        x = place(tick)
        lines += [f'<line class="grid" x1="{x:.1f}" y1="{first - 6}" x2="{x:.1f}" y2="{last}"/>',
                  f'<text class="small" x="{x:.1f}" y="{last + 16}" text-anchor="middle">{tick:.10g}</text>']
    lines.append(f'<text class="small" x="{LEFT + PLOT / 2}" y="{last + 33}" text-anchor="middle">{axis.label}</text>')
    baseline = own.get(matrix.baseline)
    if baseline:
        x = place(baseline.mean)
        lines.append(f'<line class="baseline" x1="{x:.1f}" y1="{first - 6}" x2="{x:.1f}" y2="{last}"/>')
        if result.goal_gap is not None and matrix.goal_recipe in own:
            goal = baseline.mean - result.goal_gap if percent else baseline.mean + result.goal_gap
            if 0 <= axis.place(goal) <= 1:
                row = first + ROW * recipes.index(matrix.goal_recipe)
                lines.append(f'<line class="goal" x1="{place(goal):.1f}" y1="{row}" x2="{place(goal):.1f}" y2="{row + ROW}"/>')
    for number, (recipe, cell) in enumerate(own.items()):
        y = first + ROW * number + ROW / 2
        kind = "dot base" if recipe == matrix.baseline else "dot"
        spread = f" ± {cell.spread:.{digits}f}" if cell.spread is not None else ""
        lines.append(f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(matrix.recipes[recipe]["label"])}</text>')
        lines += [f'<circle class="{kind}" cx="{place(row["value"]):.1f}" cy="{y}" r="5"><title>seed {row["seed"]}: '
                  f'{row["value"]:.{digits}f}</title></circle>' for row in cell.rows]
        lines += [f'<line class="mean" x1="{place(cell.mean):.1f}" y1="{y - 8}" x2="{place(cell.mean):.1f}" y2="{y + 8}"/>',
                  f'<text class="small" x="{LEFT + PLOT + 12}" y="{y + 4}">{cell.mean:.{digits}f}{spread}</text>']
    return lines, PANEL_HEAD + ROW * len(recipes) + PANEL_FOOT


def dot_plot(matrix, cells, title):
    """The SVG of all results that have rows."""
    lines, top = [], HEAD
    for result in matrix.results:
        if any(name == result.name for name, _ in cells):
            more, height = panel(result, matrix, cells, top)
            lines += more
            top += height
    goal = any(result.goal_gap is not None for result in matrix.results)
    y, label = top + 8, matrix.recipes[matrix.baseline]["label"]
    legend = [f'<circle class="dot" cx="22" cy="{y - 4}" r="5"/><text class="small" x="34" y="{y}">one seed</text>',
              f'<line class="mean" x1="110" y1="{y - 12}" x2="110" y2="{y + 4}"/><text class="small" x="120" y="{y}">mean ± standard deviation</text>',
              f'<line class="baseline" x1="300" y1="{y - 12}" x2="300" y2="{y + 4}"/><text class="small" x="310" y="{y}">mean of {escape(label)}</text>']
    if goal:
        legend.append(f'<line class="goal" x1="440" y1="{y - 12}" x2="440" y2="{y + 4}"/><text class="small" x="450" y="{y}">goal of '
                      f'{escape(matrix.recipes[matrix.goal_recipe]["label"])}</text>')
    height, width = top + LEGEND, LEFT + PLOT + RIGHT
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
                      f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", '<rect class="paper" width="100%" height="100%"/>',
                      f'<text class="title" x="16" y="28">{escape(title)}</text>', *lines, *legend, "</svg>"]) + "\n"
