"""Charts as SVG text made on the server, each with its numbers as an HTML table. Pure: no Django, no script.

Every mark has literal presentation attributes, so that e-mail and PDF renderers draw it, and a class, so
that pages re-colour it for their theme (static/common/css/charts.css). A figure holds two drawings, one for
wide and one for narrow places; without style sheets only the wide one shows. Unknown values (None, NaN,
infinities) are gaps, never zero. Texts are escaped here: callers mark the result as safe and nothing else.
Why not a library: docs/decisions/0003-own-svg-charts.md.
"""

from common.charts.lines import line, sparkline
from common.charts.model import Mark, Series, Words
from common.charts.quadrants import Frame, Spot, quadrants
from common.charts.rows import bar, intervals

__all__ = [
    "Frame",
    "Mark",
    "Series",
    "Spot",
    "Words",
    "bar",
    "intervals",
    "line",
    "quadrants",
    "sparkline",
]
