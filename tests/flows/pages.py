"""Factsheets for the flows' tests: small, whole, and as many as one likes."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "pages"
# Its pages without the expectations that stand beside them.
SMALL_PAGES = sorted(page for page in PAGES.iterdir() if page.suffix != ".json")
SAMPLES = ROOT / "docs" / "samples"
SEED = ROOT.parent / "shared" / "seed" / "000_af1168570ffe4a53.txt"


def factsheet(
    programme_id: str = "00090001",
    *,
    status: str = "On Going",
    figures: dict[tuple[str, int], str] | None = None,
    end: str = "31 Dec 2017",
    voucher: str = "00012345",
) -> str:
    """A factsheet in pipes; `figures` gives the expenditure per organization and year."""
    rows = [
        f"| {organization} | {year} | 1,000,000 | {spent} |"
        for (organization, year), spent in (figures or {}).items()
    ]
    table = ["| Organization | Year | Net Funded Amount | Expenditure |", *rows] if rows else []
    return "\n".join(
        [
            "Project Factsheet",
            f"Tools for » Reef Watch {programme_id}",
            f"Project ID:{programme_id}Description:RW-{programme_id} Reef Watch",
            "Fund: Coastal Resilience Fund",
            "Start Date *: 2 Jan 2013",
            f"Theme: Oceans End Date*: {end}",
            f"Country: Fiji Project Status: {status}",
            "Participating Organization: Multiple",
            "",
            "The programme watches over reefs.",
            "Recent Documents",
            "Key Figures",
            "All amounts in US$",
            *table,
            "Latest Vouchers",
            "| Voucher Number | Date | Organization | Amount |",
            f"| {voucher} | 3 Mar 2014 | FAO | 250,000.50 |",
            "Print friendly\n",
        ]
    )


def save(folder: Path, name: str, text: str) -> Path:
    """A page as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def many_factsheets(folder: Path, count: int) -> None:
    """Pages of as many programmes, a third of them captured twice with a figure changed."""
    for number in range(count):
        programme_id = f"{90000 + number * 2 // 3:08}"
        spent = f"{100 + number},000"
        page = factsheet(programme_id, figures={("FAO", 2015): spent, ("UNICEF", 2015): "-"})
        path = save(folder, f"{number:04}.txt", page)
        month = 1 + number % 12
        path.with_name(f"{path.name}.json").write_text(
            f'{{"url": "https://mptf.undp.org/factsheet/project/{programme_id}",'
            f' "captured_at": "2016-{month:02}-11T10:00:00Z"}}'
        )
