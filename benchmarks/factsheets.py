"""Generated factsheets of about 25 KB, with 24 figure rows and 15 vouchers."""

_PARAGRAPH = "The programme works with districts and households on water, land and income. " * 5


def factsheet(number: int, spent: int = 700_000) -> bytes:
    """Return one page; the same numbers give the same bytes."""
    programme_id = f"{70000 + number:08}"
    figures = "".join(
        f'<tr class="row"><td align="left">{organization}</td><td align="right">{year}</td>'
        f'<td align="right">{900_000 + number:,}</td><td align="right">{800_000 + year:,}</td>'
        f'<td align="right">{800_000 + year:,}</td><td align="right">&nbsp;-</td>'
        f'<td align="right">{spent + number + year:,}</td><td align="right">87.5%</td></tr>\n'
        for organization in ("UNICEF", "FAO", "UNIFEM")
        for year in range(2010, 2018)
    )
    vouchers = "".join(
        f'<tr class="row"><td>{number * 100 + line:08}</td><td>{line + 1} Mar 2012</td><td>FAO</td>'
        f'<td align="right">100,{line:03}.25</td><td>Paid</td></tr>\n'
        for line in range(15)
    )
    narrative = "".join(f"<p>{_PARAGRAPH}</p>\n" for _ in range(32))
    furniture = "".join(
        f'<div class="menu"><a href="/portfolio/{n}">Portfolio {n}</a></div>\n' for n in range(40)
    )
    return f"""<!DOCTYPE html><html><head><title>Factsheet</title><script>var a = 1;</script></head>
<body>{furniture}<div id="top"><span>25 May 2022 9:58 AM GMT</span></div><h1>Project Factsheet</h1>
<h2>Tools for » Water and Land {number}</h2><table><tr><td>Project ID:</td><td>{programme_id}</td>
<td>Description:</td><td>WL-{number} Water and Land</td></tr><tr><td>Fund:</td>
<td><a href="/factsheet/fund/CRF00">Coastal Resilience Fund</a></td><td>Start Date *:</td>
<td>2 Nov 2010</td></tr>
<tr><td>Theme:</td><td>Water</td><td>End Date*:</td><td>30 Nov 2017</td></tr>
<tr>
<td>Country:</td><td>Fiji</td><td>Project Status:</td><td>On Going</td></tr>
<tr><td>Participating Organization:</td><td>Multiple</td><td></td><td></td></tr></table>
<h3>Overview</h3>
{narrative}<h3>Outcome 1:</h3><p>Water is safe</p><p>Outcome achievements:</p>
<ul>{"<li>A well was dug and tested.</li>" * 12}</ul><h3>Lessons learned:</h3>
<ul>{"<li>Start before the rains.</li>" * 6}</ul><h3>Recent Documents</h3>
<ul><li><a href="/document/download/{number}">Annual report</a></li></ul><h3>Key Figures</h3>
<p>All amounts in US$</p><table><tr><th>Participating Organization</th><th>Year</th>
<th>Total Approved Budget</th><th>Net Funded Amount*</th><th>Transfers</th><th>Refunds</th>
<th>Expenditure</th><th>Delivery Rate</th></tr>{figures}</table><h3>Latest Vouchers</h3>
<table><tr><th>Voucher Number</th><th>Date</th><th>Participating Organization</th><th>Amount</th>
<th>Status</th></tr>{vouchers}</table><p>Contact Us | Glossary</p></body></html>""".encode()
