// SQL that can be copied, and which release this is. Without this script all is there to read.
"use strict";
(function () {
  document.getElementById("release").textContent = window.mptfRelease.told; // release.js has set it

  async function copy(pre, button) {
    try {
      await navigator.clipboard.writeText(pre.textContent);
    } catch {
      getSelection().selectAllChildren(pre); // where the clipboard is closed: select it, and try as of old
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  for (const pre of document.querySelectorAll("details.sql pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", () => copy(pre, button));
    pre.before(button);
  }
})();
