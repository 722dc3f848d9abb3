"""The two charts, as Vega-Lite said in Altair; each page gives only its data.

Colours are names of the style sheet's (`var(--…)`), so that a chart is light, dark or printed as
its page is. What a chart shows stands in the table beside it.
"""

from typing import Any

import altair as alt

_Chart = alt.LayerChart | alt.FacetChart
_ROWS = alt.NamedData(name="rows")
_BARS = ["deposited", "year_end", "interim"]
_FILL = alt.Scale(
    domain=_BARS, range=["var(--deposited)", "var(--year-end)", "var(--interim-fill)"]
)
_EDGE = alt.Scale(domain=_BARS, range=["var(--deposited)", "var(--year-end)", "var(--interim)"])
_DASH = alt.Scale(domain=_BARS, range=[[1, 0], [1, 0], [4, 3]])


def specifications() -> dict[str, dict[str, Any]]:
    """Return each chart's specification by its name, without data."""
    return {"years": _finished(_years()), "history": _finished(_history())}


def _years() -> _Chart:
    """Return the chart by year: deposited where known, beside spent, year-end below interim.

    A mark on what was spent shows what was transferred.
    """
    year = alt.X(
        "year:O",
        title="Year",
        axis=alt.Axis(labelAngle=0, labelOverlap=True),
        scale=alt.Scale(paddingInner=0.25),
    )
    bar = alt.XOffset("bar:N", sort=["deposited", "spent"])
    usd = alt.Axis(
        title="US$", tickCount=5, labelExpr="replace(format(datum.value, '~s'), 'G', 'B')"
    )
    base = alt.Chart(_ROWS)
    bars = (
        base.transform_filter("datum.kind != 'transferred'")
        .mark_bar(width={"band": 0.78}, strokeWidth=1.5, opacity=1)
        .encode(
            x=year,
            xOffset=bar,
            y=alt.Y("usd:Q", axis=usd),
            fill=alt.Fill("kind:N", scale=_FILL, legend=None),
            stroke=alt.Stroke("kind:N", scale=_EDGE, legend=None),
            strokeDash=alt.StrokeDash("kind:N", scale=_DASH, legend=None),
            order=alt.Order("kind:N", sort="descending"),
        )
    )
    transferred = (
        base.transform_filter("datum.kind == 'transferred'")
        .mark_tick(thickness=3, opacity=1, width={"band": 1}, color="var(--ink)")
        .encode(x=year, xOffset=bar, y=alt.Y("usd:Q", axis=usd))
    )
    return alt.layer(bars, transferred).properties(height=260)


def _history() -> _Chart:
    """Return the chart of one figure through time: what was shown, from when, on what basis."""
    time = alt.X("at:T", title="Seen on the page from", axis=alt.Axis(tickCount=6))
    usd = alt.Y(
        "usd:Q",
        title="Expenditure, US$",
        scale=alt.Scale(zero=False, nice=True, padding=24),
        axis=alt.Axis(format=",~f", tickCount=5),
    )
    base = alt.Chart(_ROWS)
    deadline = base.transform_filter("datum.step == 'deadline'")
    value = base.transform_filter("datum.step != 'deadline'")
    points = value.transform_filter("datum.step != 'until'")
    shape, stroke, fill = _signs()
    return alt.layer(
        deadline.mark_rule(strokeDash=[2, 4], color="var(--muted)").encode(x=time),
        deadline.mark_text(
            align="left", baseline="bottom", dx=5, dy=-4, color="var(--muted)", fontSize=12
        ).encode(x=time, y=alt.value("height"), text=alt.value("30 April: final report due")),
        value.mark_line(interpolate="step-after", strokeWidth=2, color="var(--line)").encode(
            x=time, y=usd
        ),
        points.mark_point(size=110, strokeWidth=2, opacity=1).encode(
            x=time, y=usd, shape=shape, stroke=stroke, fill=fill
        ),
        points.mark_text(align="left", dx=8, dy=-10, color="var(--ink)", fontSize=12).encode(
            x=time, y=usd, text="label:N"
        ),
    ).properties(height=280)


def _signs() -> tuple[alt.Shape, alt.Stroke, alt.Fill]:
    """Return how a point shows its step: by its shape as well as by its colour."""
    steps = ["interim", "year_end", "restated"]

    def scale(*values: str) -> alt.Scale:
        return alt.Scale(domain=steps, range=list(values))

    return (
        alt.Shape("step:N", scale=scale("circle", "diamond", "square"), legend=None),
        alt.Stroke(
            "step:N",
            scale=scale("var(--interim)", "var(--year-end)", "var(--restated)"),
            legend=None,
        ),
        alt.Fill(
            "step:N",
            scale=scale("var(--paper)", "var(--year-end)", "var(--restated)"),
            legend=None,
        ),
    )


def _finished(chart: _Chart) -> dict[str, Any]:
    made: dict[str, Any] = (
        chart.properties(width="container", background="transparent")
        .configure(
            font="system-ui, sans-serif",
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        )
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="var(--muted)", titleColor="var(--muted)", gridColor="var(--rule)",
            domainColor="var(--rule)", tickColor="var(--rule)", labelFontSize=12, titleFontSize=12,
            titleFontWeight="normal",
        )
        .configure_axisX(grid=False)
        .to_dict()
    )  # fmt: skip
    made.pop("datasets", None)
    return made
