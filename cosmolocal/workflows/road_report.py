"""A road as one HTML file that opens without a network and prints as a report."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cosmolocal.exports.bands import draw_bands
from cosmolocal.exports.report import gap_percent
from cosmolocal.workflows.road_figures import assumptions, build_chart, fullest_years, year_lines
from cosmolocal.workflows.road_words import ENGLISH, headline, scope, sureness, variant_state, variant_word
from cosmolocal.workflows.roads import RoadView


def build_road_report(view: RoadView) -> str:
    """Return the report as HTML; every text of the inputs is escaped."""
    environment = Environment(
        loader=PackageLoader("cosmolocal.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(share=ENGLISH.share, euros=ENGLISH.euros, gap_percent=gap_percent)
    title = f"Share made here by year, {view.inputs.region.name}"
    chart = draw_bands(build_chart(view, title, lambda share: f"{100 * share:g} %"))
    names = {process.id: process.name for process in view.inputs.region.vocabulary.processes}
    return environment.get_template("road.html").render(
        view=view,
        road=view.road,
        terms=view.terms,
        headline=headline(view, ENGLISH),
        sureness=sureness(view, ENGLISH),
        scope=scope(view, ENGLISH),
        chart=Markup(chart),
        lines=year_lines(view),
        full=[year.year for year in fullest_years(view)],
        names=names,
        variants=[
            (variant_word(one, ENGLISH), variant_state(one, view.terms, ENGLISH), one) for one in view.road.variants
        ],
        assumptions=list(assumptions(view)),
        categories={one.id: one.name for one in view.consumption.categories},
    )
