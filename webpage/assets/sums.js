// What was known of a fund's years, or of all: sums at the end of each day, month or year on which they changed.
"use strict";
(function () {
  const told = window.mptfSums;
  const AMOUNTS = ["net_funded_usd", "transfers_usd", "year_end_usd", "interim_usd"];
  const COUNTS = ["came", "went", "became_final", "restated"];
  const NAMES = ["until", "year_end_figures", "interim_figures", ...AMOUNTS, ...COUNTS, "restated_usd"];
  const NOTHING = Object.fromEntries(NAMES.map((name) => [name, AMOUNTS.includes(name) ? null : 0]));
  const YEAR = ["fiscal_year", "Year", "head"];
  const LEFT_OUT = ["not_covered", "Left out of these sums today", "note"];
  const COLUMNS = [
    YEAR, ["figures", "Figures", "count"], ["net_funded_usd", "Net funded", "usd", "basis"],
    ["transfers_usd", "Transferred", "usd", "basis"], ["year_end_usd", "Spent: year-end", "usd"],
    ["interim_usd", "Spent: interim", "usd"], ["expenditure_usd", "Spent in all", "usd", "basis"],
  ];
  const COMPARED = [
    YEAR, ["before", "Before, US$", "usd", "basis_before"], ["after", "Then, US$", "usd", "basis_after"],
    ["change", "Change", "change"], ["came", "Figures new or back", "count"], ["went", "Gone", "count"],
    ["became_final", "Became final", "count"], ["restated", "Restated", "count"],
    ["restated_usd", "Expenditure restated by", "change"],
  ];
  const years = told.years.map(({ steps, ...year }) => ({
    ...year,
    steps: steps.map((step) => Object.fromEntries(step.map((value, at) => [NAMES[at], at ? value : told.days[value]]))),
  }));
  const isNote = years.some((year) => year.not_covered);
  const withNote = (columns) => (isNote ? [...columns, LEFT_OUT] : columns);
  const noteOf = (year) => (isNote ? [year.not_covered ?? null] : []);

  const at = (year, day) => year.steps.findLast((step) => step.until <= day) ?? NOTHING;
  const figures = (sums) => sums.year_end_figures + sums.interim_figures;

  function basisOf(sums) {
    if (!figures(sums)) return null;
    return sums.interim_figures ? (sums.year_end_figures ? "mixed" : "interim") : "year_end";
  }

  const amount = (sums, measure) =>
    (measure === "expenditure_usd" ? mptfKnown.sum([sums.year_end_usd, sums.interim_usd]) : sums[measure]);

  function known(day) {
    const rows = years.flatMap((year) => {
      const then = at(year, day), basis = basisOf(then);
      if (!basis && !year.not_covered) return [];
      return [[
        year.year, figures(then), [then.net_funded_usd, basis], [then.transfers_usd, basis],
        [then.year_end_usd, "year_end"], [then.interim_usd, "interim"], [amount(then, "expenditure_usd"), basis],
        ...noteOf(year),
      ]];
    });
    return { columns: withNote(COLUMNS), rows: rows };
  }

  function compared(from, to, measure) {
    const rows = [];
    let same = 0;
    for (const year of years) {
      const before = at(year, from), after = at(year, to);
      const counts = COUNTS.map((name) => after[name] - before[name]);
      const [was, is] = [amount(before, measure), amount(after, measure)];
      if (was === is && counts.every((count) => count === 0)) {
        if (basisOf(before)) same += 1;
        continue;
      }
      const by = mptfKnown.change(String(before.restated_usd), String(after.restated_usd));
      rows.push([
        year.year, [was, basisOf(before)], [is, basisOf(after)], mptfKnown.change(was, is), ...counts, by, ...noteOf(year),
      ]);
    }
    return { columns: withNote(COMPARED), rows, same };
  }

  // The end of a day's month or year, in which the sums of that day are told.
  function end(day) {
    if (told.period === "day") return day;
    const [year, month] = day.split("-").map(Number);
    const last = told.period === "month" ? new Date(Date.UTC(year, month, 0)) : new Date(Date.UTC(year, 12, 0));
    return last.toISOString().slice(0, 10);
  }

  mptfKnown.show({
    days: told.days, known: known, compared: compared, end: end,
    measures: [["expenditure_usd", "spent"], ["net_funded_usd", "net funded"], ["transfers_usd", "transferred"]],
    note: told.period === "day" ? ""
      : `These sums changed too often for a page to have each day: a day stands for the end of its ${told.period}.`,
  });
})();
