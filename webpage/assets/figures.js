// What was known of a programme's figures: of each, the times over which it was shown so.
"use strict";
(function () {
  const told = JSON.parse(document.getElementById("data-known").textContent);
  const NAMES = {
    expenditure_usd: "expenditure", net_funded_usd: "net funded", transfers_usd: "transfers", refunds_usd: "refunds",
    approved_budget_usd: "approved budget", delivery_rate_pct: "delivery rate, percent",
  };
  const HEADINGS = ["Approved budget", "Net funded", "Transfers", "Refunds", "Expenditure", "Delivery rate"];
  const KEY = [["fiscal_year", "Year", "head"], ["organization", "Organization", "text"]];
  const COLUMNS = [
    ...KEY, ...told.measures.map((name, at) => [name, HEADINGS[at], name.endsWith("_pct") ? "pct" : "usd", "basis"]),
    ["known_from", "Shown from", "day"], ["capture_id", "Capture", "capture"],
  ];
  const spans = told.figures.map(() => []); // of each figure, in order
  for (const [figure, from, until, known, basis, capture, ...values] of told.spans) {
    spans[figure].push({
      from: told.days[from], until: until === null ? "9999" : told.days[until], known: told.days[known],
      basis: basis, capture: told.captures[capture],
      ...Object.fromEntries(told.measures.map((name, at) => [name, values[at]])),
    });
  }

  // Days are those of UTC; at the end of a day, what was shown from that day on counts.
  const at = (figure, day) => spans[figure].find(({ from, until }) => from <= day && day < until) ?? null;

  function known(day) {
    const rows = told.figures.flatMap((key, figure) => {
      const then = at(figure, day);
      return then
        ? [[...key, ...told.measures.map((name) => [then[name], then.basis]), then.known, then.capture]] : [];
    });
    return { columns: COLUMNS, rows: rows };
  }

  function what(figure, before, after, from, to, measure) {
    if (!before && !after) return "";
    if (!before) return spans[figure][0].from <= from ? "back" : "new";
    if (!after) return "gone";
    const restated = told.restated.some(([of, name, day]) => of === figure && name === measure && from < day && day <= to);
    const said = [];
    if (before.basis !== after.basis) said.push(after.basis === "year_end" ? "became final" : "interim again");
    if (restated) said.push("restated");
    else if (before[measure] !== after[measure] && !said.length) {
      said.push(before[measure] === null ? "first shown" : after[measure] === null ? "not shown any longer"
        : after.basis === "interim" ? "interim changed" : "read otherwise");
    }
    return said.join(", ");
  }

  function compared(from, to, measure) {
    const kind = measure.endsWith("_pct") ? "pct" : "usd";
    const unit = kind === "pct" ? "percent" : "US$";
    const columns = [
      ...KEY, ["what", "What happened", "text"], ["before", `Before, ${unit}`, kind, "basis_before"],
      ["after", `Then, ${unit}`, kind, "basis_after"], ["change", "Change", "change"],
    ];
    const rows = [];
    let same = 0;
    told.figures.forEach((key, figure) => {
      const before = at(figure, from), after = at(figure, to);
      const said = what(figure, before, after, from, to, measure);
      const [was, is] = [before?.[measure] ?? null, after?.[measure] ?? null];
      if (said) {
        rows.push([...key, said, [was, before?.basis ?? null], [is, after?.basis ?? null], mptfKnown.change(was, is)]);
      } else if (before) same += 1;
    });
    return { columns, rows, same };
  }

  const cut = told.left_out ? `${told.left_out} figures of earlier years do not fit here; the SQL has them.` : "";
  mptfKnown.show({
    days: [...told.days].sort(), measures: ["expenditure_usd", "net_funded_usd", "transfers_usd", "refunds_usd",
      "approved_budget_usd", "delivery_rate_pct"].map((name) => [name, NAMES[name]]),
    known: known, compared: compared, note: cut,
  });
})();
