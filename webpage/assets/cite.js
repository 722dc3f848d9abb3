// How to cite a page: its title, its release, and its address where it is served, as text and for BibTeX.
"use strict";
(function () {
  const release = window.mptfRelease;
  const MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ];
  const SPECIAL = { // BibTeX counts braces, also those after a backslash: a lone one would spoil the whole file.
    "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
    "{": "\\textbraceleft{}", "}": "\\textbraceright{}",
  };
  const title = document.title.replace(/ – UN pooled funds$/, "");
  const [year, month] = release.published.split("-").map(Number);

  function dayOf(iso) {
    const [y, m, d] = iso.slice(0, 10).split("-").map(Number);
    return `${d} ${MONTHS[m - 1]} ${y}`;
  }

  // Where the page is served, its own address; on a disk, that of what it shows.
  const address = () => (location.protocol.startsWith("http")
    ? window.mptfView.address("")
    : document.querySelector(".source a[rel]")?.href ?? release.site);

  function about() {
    const seen = release.newest_capture ? ` as seen until ${dayOf(release.newest_capture)}` : "";
    return `Figures of the UN MPTF Office Gateway${seen}`;
  }

  function text() {
    const parts = [
      `${release.publisher ? `${release.publisher}: ` : ""}“${title}”`,
      `UN pooled funds, release ${release.name}, ${dayOf(release.published)}`, about(), address(),
    ];
    return parts.filter(Boolean).join(". ");
  }

  const tex = (value) => value.replace(/[\\~^]|[{}&%$#_]/g, (sign) => SPECIAL[sign] ?? `\\${sign}`);

  function bibtex() {
    const page = location.pathname.split("/").pop().replace(/\.html$/, "");
    const fields = {
      title: `{${tex(title)}}`,
      author: release.publisher && `{${tex(release.publisher)}}`,
      howpublished: `UN pooled funds, release ${tex(release.name)}`,
      year: String(year),
      month: String(month),
      note: tex(about()),
      url: address()?.replace(/[{}]/g, encodeURIComponent),
    };
    const lines = Object.entries(fields).filter(([, value]) => value).map(([name, value]) => `  ${name} = {${value}}`);
    return `@misc{${release.name}-${page},\n${lines.join(",\n")}\n}`;
  }

  function shown(label, made) {
    const pre = document.createElement("pre");
    pre.tabIndex = 0;
    pre.role = "group";
    pre.ariaLabel = label;
    const button = window.mptfView.copier(made, `Copy ${label}`);
    button.className = "copy";
    return { parts: [button, pre], say: () => { pre.textContent = made(); } };
  }

  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "Cite this page";
  const forms = [shown("citation", text), shown("BibTeX", bibtex)];
  details.append(summary, ...forms.flatMap((form) => form.parts));
  details.className = "cite";
  const say = () => forms.forEach((form) => form.say());
  details.addEventListener("toggle", say); // the view may have changed since
  say();
  document.getElementById("main").append(details);
})();
