// The pipeline's figures as they change: each event of the stream holds all of them.
"use strict";
const language = document.documentElement.lang === "id" ? "id-ID" : "en-GB";
const shown = (value) => (value === null || value === undefined ? "–" : value.toLocaleString(language));
const state = document.getElementById("live");
const stream = new EventSource("/pipeline/live");
const put = (place, figures) => {
  for (const one of place.querySelectorAll(":scope > [data-figure]")) {
    if (one.dataset.figure in figures) one.textContent = shown(figures[one.dataset.figure]);
  }
};
stream.addEventListener("message", (event) => {
  const figures = JSON.parse(event.data);
  state.textContent = figures.complaint || state.dataset.live;
  for (const place of document.querySelectorAll(".figures > div")) put(place, figures);
  for (const partition of figures.partitions || []) {
    const row = document.querySelector(`[data-partition="${partition.partition}"]`);
    if (row) put(row, partition);
  }
  for (const [step, ms] of Object.entries(figures.batch_ms || {})) {
    const row = document.querySelector(`[data-step="${step}"]`);
    if (row) put(row, { ms });
  }
});
stream.addEventListener("error", () => { state.textContent = state.dataset.lost; });
