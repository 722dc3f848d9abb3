// Finds passages and documents by their words, in the order of mart.search. The index comes in parts, by scripts
// that call `mptfTexts.terms` and `mptfTexts.texts`; only those with the words are loaded. All is set as text.
"use strict";
window.mptfTexts = (function () {
  const AT_ONCE = 20;
  const KEPT = 40; // scripts in memory
  const SNIPPET = 280; // characters
  const SECTIONS = { overview: "Overview", outcome: "Outcome", achievement: "Achievement", lesson: "Lesson", other: "Other" };
  const begins = JSON.parse(document.getElementById("text-index").textContent);
  const field = document.getElementById("find");
  const list = document.getElementById("texts");
  const more = document.getElementById("more-texts");
  const said = document.getElementById("texts-found");
  const arrived = new Map();
  const loading = new Map();
  let latest = 0; // the newest search: an older one that is still loading shows nothing
  let found = [];
  let shown = 0;
  let asked = [];

  const receive = (kind) => (number, entries) => arrived.set(`${kind}-${number}`, entries);

  function load(kind, number) {
    const name = `${kind}-${number}`;
    if (!loading.has(name)) {
      loading.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `data/${name}.js`;
        script.onload = () => {
          script.remove();
          resolve(arrived.get(name));
          arrived.delete(name);
        };
        script.onerror = () => {
          loading.delete(name); // the next search asks again
          reject(new Error(`${script.src} cannot be loaded`));
        };
        document.head.append(script);
      }));
      if (loading.size > KEPT) loading.delete(loading.keys().next().value);
    }
    return loading.get(name);
  }

  // The terms of a query, as vintage.terms makes those of the texts; the last may stand for all that begin so.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().normalize("NFC").replaceAll("ς", "σ");

  function termsOf(query) {
    const text = plain(query);
    const words = (text.match(/[\p{L}\p{N}]+/gu) || []).map((word) => [...word].slice(0, 40).join(""));
    const starred = /[\p{L}\p{N}]\*[ \t\n\f\r]*$/u.test(text) ? words.pop() : null;
    const terms = [...new Set(words)].map((word) => ({ word, isPrefix: false }));
    return starred ? [...terms, { word: starred, isPrefix: true }] : terms;
  }

  // By code point, as the index is sorted.
  function isBefore(a, b) {
    const one = [...a], other = [...b];
    for (let i = 0; i < one.length && i < other.length; i++) {
      if (one[i] !== other[i]) return one[i].codePointAt(0) < other[i].codePointAt(0);
    }
    return one.length < other.length;
  }

  const has = (term, { word, isPrefix }) => (isPrefix ? term.startsWith(word) : term === word);

  // The weight of each text that has a term; of several terms that begin so, the greatest.
  async function weights(of) {
    const end = of.isPrefix ? `${of.word}\u{10ffff}` : of.word;
    const parts = [];
    begins.terms.forEach((first, number) => {
      const next = begins.terms[number + 1];
      if (!isBefore(end, first) && (next === undefined || !isBefore(next, of.word))) parts.push(number);
    });
    const texts = new Map();
    for (const number of parts) { // one after the other: a long list goes on in the next
      for (const [term, pairs] of await load("terms", number)) {
        if (has(term, of)) texts.set(term, (texts.get(term) || "") + pairs);
      }
    }
    const found = new Map();
    for (const pairs of texts.values()) {
      let text = 0;
      for (const pair of pairs.split(" ")) {
        const [distance, weight] = pair.split(".");
        text += parseInt(distance, 36);
        found.set(text, Math.max(found.get(text) || 0, parseInt(weight, 36)));
      }
    }
    return found;
  }

  async function search(terms) {
    if (!terms.length) return [];
    let all = null;
    for (const term of terms) {
      const one = await weights(term);
      if (all === null) all = one;
      else all = new Map([...all].filter(([text]) => one.has(text)).map(([text, weight]) => [text, weight + one.get(text)]));
      if (!all.size) return [];
    }
    return [...all].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([text]) => text);
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  // The part of a text around its first word that was asked for, with all such words marked.
  function snippet(text) {
    const words = [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].filter((word) => asked.some((term) => has(plain(word[0]), term)));
    const before = words.length ? Math.max(0, words[0].index - 80) : 0;
    const from = before ? text.indexOf(" ", before) + 1 : 0;
    const to = text.length > from + SNIPPET ? text.lastIndexOf(" ", from + SNIPPET) : text.length;
    const until = to > from ? to : Math.min(text.length, from + SNIPPET);
    const made = element("bdi", from ? "… " : "");
    let at = from;
    for (const word of words.filter((each) => each.index >= from && each.index + each[0].length <= until)) {
      made.append(text.slice(at, word.index), element("mark", word[0]));
      at = word.index + word[0].length;
    }
    made.append(text.slice(at, until), until < text.length ? " …" : "");
    return made;
  }

  function item([kind, about, text, ...place]) {
    const li = document.createElement("li");
    const page = `${kind === "p" ? "programme" : "fund"}/${about}.html`;
    const title = window.mptfSearch.title(kind, about) || about;
    const isPassage = place.length === 3;
    const a = document.createElement("a");
    a.href = isPassage ? `${page}#${place.join("-")}` : page;
    a.append(element("bdi", title));
    const told = element("p", isPassage ? `${SECTIONS[place[0]]}${place[1] ? ` ${place[1]}` : ""}` : "Document", "told");
    told.append(` · ${kind === "p" ? "Programme" : "Fund"} ${about}`);
    const quoted = element("p", "", "quoted");
    if (!isPassage && place[0]) {
      const link = document.createElement("a");
      link.href = place[0];
      link.rel = "noreferrer noopener nofollow";
      link.append(snippet(text));
      quoted.append(link);
    } else quoted.append(snippet(text));
    if (!isPassage && place[1]) quoted.append(` (${place[1]})`);
    li.append(a, told, quoted);
    return li;
  }

  async function showMore(search) {
    const next = found.slice(shown, shown + AT_ONCE);
    const items = [];
    for (const text of next) {
      const number = begins.texts.findLastIndex((first) => first <= text);
      items.push(item((await load("texts", number))[text - begins.texts[number]]));
    }
    if (search !== latest) return;
    list.append(...items);
    shown += items.length;
    more.hidden = shown >= found.length;
    const count = found.length ? `${found.length.toLocaleString("en-US")} found` : "Nothing found";
    said.textContent = shown < found.length ? `${count}; the first ${shown} are shown` : count;
  }

  async function find() {
    const number = ++latest;
    const terms = termsOf(field.value);
    document.getElementById("in-texts").hidden = !terms.length;
    said.textContent = terms.length ? "Searching…" : "";
    try {
      const texts = await search(terms);
      if (number !== latest) return;
      [found, shown, asked] = [texts, 0, terms];
      list.replaceChildren();
      more.hidden = true;
      if (terms.length) await showMore(number);
    } catch (error) {
      stop(error);
    }
  }

  function stop(error) {
    said.textContent = `The search stopped: ${error.message}`;
  }

  more.addEventListener("click", async () => {
    more.disabled = true;
    await showMore(latest).catch(stop);
    more.disabled = false;
  });
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 250);
  });
  field.form.addEventListener("submit", find);
  addEventListener("DOMContentLoaded", find);
  return { terms: receive("terms"), texts: receive("texts"), termsOf };
})();
