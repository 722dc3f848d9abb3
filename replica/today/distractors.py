"""Code of the site's scripts that calls no API, though some of it looks as if it did."""

from replica.today.pen import Pen

_BLOCKS = (
    """
// Counts visits.
window.dataLayer = window.dataLayer || [];
function gtag() { window.dataLayer.push(arguments); }
gtag("js", new Date());
gtag("config", "G-0000000000", { page_path: "/analytics/page/view" });
""",
    """
(function (jq) {
  if (!jq || !jq.fn) { return; }
  jq.fn.smoothTabs = function (options) {
    var settings = jq.extend({ speed: 200, icons: "/core/misc/icons/arrows/" }, options);
    return this.each(function () { jq(this).addClass("tabs/" + settings.speed); });
  };
})(window.jQuery);
""",
    """
var mimeTypes = { json: "application/json", html: "text/html", csv: "text/csv" };
var breadcrumb = ["home", "partners", "organizations"].join("/");
var dateMask = "dd/mm/yyyy";
""",
    """
var helpPage = "/mptf_rest_api_help/" + "read,me" + "/index.html";
var feed = "/rest/session/token";
var layers = "/libraries/maps/" + ["tiles", "world", "countries"].join("/") + ".json";
""",
    """
// Groups thousands.
function groupThousands(n) { return String(n).replace(/\\B(?=(\\d{3})+(?!\\d))/g, ","); }
function percent(part, whole) { return whole ? 100 * part / whole : 0; }
""",
    """
(function () {
  var state = { open: false, label: "Show all: year, fund, country" };
  function toggle() { state.open = !state.open; return state.open ? "/menu/open" : "/menu/closed"; }
  toggle();
})();
""",
)


def write_distractors(pen: Pen, count: int) -> None:
    """Write some blocks, no block twice."""
    for block in pen.dice.some(_BLOCKS, count):
        pen.write(block)
