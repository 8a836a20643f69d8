// The little that pages do beyond what a browser does by itself; without it they lose only this.
"use strict";
for (const shown of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = shown.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(shown.querySelector("code").textContent);
    button.textContent = shown.dataset.copied;
  });
  shown.prepend(button);
}
