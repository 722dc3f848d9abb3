// SQL that can be copied, and which release this is. Without this script all is there to read.
"use strict";
document.getElementById("release").textContent = window.mptfRelease.told; // release.js has set it
for (const pre of document.querySelectorAll("details.sql pre")) {
  const button = window.mptfView.copier(() => pre.textContent, "Copy");
  button.className = "copy";
  pre.before(button);
}
