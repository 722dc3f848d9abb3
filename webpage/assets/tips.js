// Tooltips: what a mark of a chart or map stands for, by pointer, touch and keyboard. Nothing is said here alone:
// the figures stand in the table beside it.
"use strict";
window.mptfTips = (function () {
  const NEAR = 24; // pixels from a chart's mark within which it is meant
  const LINGER = 300; // milliseconds, to move the pointer from a mark to its tip
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.ariaHidden = "true"; // a map's shape has this as its name, and a chart has a line that says it
  tip.hidden = true;
  document.body.append(tip);
  let shown = null;
  let shownBefore = null; // when the finger came down
  let pointer = "mouse";
  let leaving;

  function show(mark, text) {
    clearTimeout(leaving);
    if (shown === mark && tip.textContent === text && !tip.hidden) return;
    shown = mark;
    tip.textContent = text;
    tip.hidden = false;
    const box = mark.getBoundingClientRect();
    const left = Math.min(Math.max(4, box.left + box.width / 2 - tip.offsetWidth / 2), document.documentElement.clientWidth - tip.offsetWidth - 4);
    const above = box.top - tip.offsetHeight - 6;
    tip.style.left = `${Math.max(4, left) + scrollX}px`;
    tip.style.top = `${(above < 4 ? box.bottom + 6 : above) + scrollY}px`;
  }

  function hide() {
    clearTimeout(leaving);
    tip.hidden = true;
    shown = null;
  }

  function leave() {
    clearTimeout(leaving);
    leaving = setTimeout(hide, LINGER);
  }

  const tipped = (event) => event.target.closest?.("[data-tip]");

  addEventListener("pointerover", (event) => {
    const mark = tipped(event);
    if (mark && event.pointerType !== "touch") show(mark, mark.dataset.tip);
    else if (tip.contains(event.target)) clearTimeout(leaving);
  });
  addEventListener("pointerout", (event) => {
    if (tipped(event) || tip.contains(event.target)) leave();
  });
  addEventListener("pointerdown", (event) => {
    pointer = event.pointerType;
    shownBefore = shown;
    if (!tipped(event) && !tip.contains(event.target)) hide();
  });
  // The first touch of a link shows what it is, the second follows it.
  addEventListener("click", (event) => {
    const mark = tipped(event);
    if (!mark || pointer !== "touch" || event.detail === 0 || shownBefore === mark) return; // 0: by keyboard
    event.preventDefault();
    show(mark, mark.dataset.tip);
  });
  addEventListener("focusin", (event) => {
    const mark = tipped(event);
    if (mark) show(mark, mark.dataset.tip);
  });
  addEventListener("focusout", (event) => {
    if (tipped(event)) hide();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });

  function distance(mark, event) {
    const box = mark.getBoundingClientRect();
    const x = Math.max(box.left - event.clientX, 0, event.clientX - box.right);
    const y = Math.max(box.top - event.clientY, 0, event.clientY - box.bottom);
    return Math.hypot(x, y);
  }

  // Tips of a chart: `marks` returns its marks as they are drawn now, in reading order, `say` the text of one;
  // `choose` is called with the mark that is clicked, or reached when Enter is pressed.
  function chart(plot, marks, say, choose) {
    const said = document.createElement("p");
    said.className = "vh";
    said.role = "status";
    plot.after(said);
    plot.tabIndex = 0;
    let at = -1;

    function go(to) {
      const all = marks();
      if (!all.length) return;
      at = Math.min(Math.max(to, 0), all.length - 1);
      said.textContent = `${say(all[at])} (${at + 1} of ${all.length}; arrow keys lead to the others)`;
      show(all[at], say(all[at]));
    }

    function near(event) {
      const close = marks().map((mark) => [distance(mark, event), mark]).filter(([far]) => far <= NEAR);
      close.sort((a, b) => a[0] - b[0]);
      return close.length ? close[0][1] : null;
    }

    function point(event) {
      const mark = near(event);
      if (mark) show(mark, say(mark));
      else if (shown) leave();
    }

    plot.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") point(event); });
    plot.addEventListener("pointerleave", leave);
    plot.addEventListener("click", (event) => {
      point(event);
      if (near(event)) choose(near(event));
    });
    plot.addEventListener("focus", () => { if (plot.matches(":focus-visible")) go(Math.max(at, 0)); });
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && marks()[at]) choose(marks()[at]);
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      go(at + step);
    });
  }

  return { chart };
})();
