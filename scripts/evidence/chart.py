# SPDX-License-Identifier: Apache-2.0
"""Dot plots as SVG: a panel a result, a row a recipe, a dot a seed, a bar at the mean. Better is to the right in accuracy, to the left in bits."""

import math
from xml.sax.saxutils import escape

LEFT, PLOT, RIGHT = 230, 460, 110
HEAD, ROW, PANEL_HEAD, PANEL_FOOT, LEGEND = 44, 26, 34, 46, 30
# Shown behind the best value: points of accuracy, bits a character. What is worse, as nets that did not learn, is a mark at the edge.
SHOWN = {True: 6.0, False: 0.6}
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
    """Values to 0 .. 1, and ticks. Values that are far worse than the best are not on it."""

    def __init__(self, values, percent):
        best = max(values) if percent else min(values)
        self.worst = best - SHOWN[percent] if percent else best + SHOWN[percent]
        self.percent = percent
        shown = [value for value in values if self.shows(value)]
        span = max(max(shown) - min(shown), SHOWN[percent] / 12)
        step = nice_step(1.24 * span, 6)
        low, high = math.floor((min(shown) - 0.12 * span) / step), math.ceil((max(shown) + 0.12 * span) / step)
        self.ticks = [place * step for place in range(low, high + 1)]
        self.label = "test accuracy, %" if percent else "bits per character (less is better)"

    def shows(self, value):
        return value >= self.worst if self.percent else value <= self.worst

    def place(self, value):
        return (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])


def seed_mark(axis, place, value, y, style, seed, digits):
    """A dot; an arrowhead at the edge for a value beyond the axis."""
    title = f"<title>seed {seed}: {value:.{digits}f}</title>"
    if axis.shows(value):
        return f'<circle class="{style}" cx="{place(value):.1f}" cy="{y}" r="5">{title}</circle>'
    edge, inwards = (LEFT, 10) if axis.percent else (LEFT + PLOT, -10)
    return f'<path class="{style}" d="M{edge} {y}l{inwards} -6v12z">{title}</path>'


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
        lines += [seed_mark(axis, place, row["value"], y, kind, row["seed"], digits) for row in cell.rows]
        if axis.shows(cell.mean):
            lines.append(f'<line class="mean" x1="{place(cell.mean):.1f}" y1="{y - 8}" x2="{place(cell.mean):.1f}" y2="{y + 8}"/>')
        lines += [f'<text class="small" x="{LEFT + PLOT + 12}" y="{y + 4}">{cell.mean:.{digits}f}{spread}</text>']
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
              f'<path class="dot" d="M104 {y - 4}l10 -6v12z"/><text class="small" x="120" y="{y}">beyond the axis</text>',
              f'<line class="mean" x1="228" y1="{y - 12}" x2="228" y2="{y + 4}"/><text class="small" x="238" y="{y}">mean ± standard deviation</text>',
              f'<line class="baseline" x1="416" y1="{y - 12}" x2="416" y2="{y + 4}"/><text class="small" x="426" y="{y}">mean of {escape(label)}</text>']
    if goal:
        legend.append(f'<line class="goal" x1="546" y1="{y - 12}" x2="546" y2="{y + 4}"/><text class="small" x="556" y="{y}">goal of '
                      f'{escape(matrix.recipes[matrix.goal_recipe]["label"])}</text>')
    height, width = top + LEGEND, LEFT + PLOT + RIGHT
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
                      f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", '<rect class="paper" width="100%" height="100%"/>',
                      f'<text class="title" x="16" y="28">{escape(title)}</text>', *lines, *legend, "</svg>"]) + "\n"
