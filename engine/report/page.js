"use strict";
// Draws the report's charts when they come into view, in the colours of the page, and all of them for the printer.
(() => {
  const INK = { light: "#2a2823", dark: "#e9e4d8" };
  const PAPER = { light: "#fbf8f1", dark: "#141715" };
  const LINE = { light: "rgba(42,40,35,0.14)", dark: "rgba(233,228,216,0.16)" };
  const FONT = '"Source Sans 3", "Source Sans Pro", -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  const COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"];
  const CONFIG = { displayModeBar: false, scrollZoom: false, doubleClick: false, responsive: true };
  const PRINTED = 690; // width of a printed page's text, in pixels
  const NEAR = "800px 0px"; // how far ahead of the reader charts are drawn

  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const boxes = [...document.querySelectorAll(".chart")];
  const wide = matchMedia("(min-width: 60rem)");
  const theme = () => root.dataset.theme || (system.matches ? "dark" : "light");

  function template(name) {
    const axis = {
      gridcolor: LINE[name], linecolor: LINE[name], zerolinecolor: LINE[name], automargin: true,
      title: { standoff: 8, font: { size: 13 } }, ticks: "",
    };
    return {
      layout: {
        font: { family: FONT, size: 13, color: INK[name] }, colorway: COLOURS, xaxis: axis, yaxis: axis,
        polar: { angularaxis: axis, radialaxis: axis, bgcolor: "rgba(0,0,0,0)" },
        hoverlabel: { font: { family: FONT, size: 13 }, align: "left" },
        legend: { font: { size: 12 } }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      },
    };
  }

  const held = (box) => JSON.parse(document.getElementById(box.id + "-data").textContent);

  function draw(box) {
    if (box.dataset.drawn) return;
    box.dataset.drawn = theme();
    const { data, layout } = held(box);
    Plotly.newPlot(box, data, { ...layout, template: template(theme()) }, CONFIG);
  }

  function dress(name, more) {
    for (const box of boxes) {
      if (!box.dataset.drawn) continue;
      box.dataset.drawn = name;
      Plotly.relayout(box, { template: template(name), ...more });
    }
  }

  async function save(button) {
    const box = document.getElementById(button.dataset.of);
    draw(box);
    const { data, layout } = held(box);
    const filled = { ...layout, template: template(theme()), paper_bgcolor: PAPER[theme()] };
    const size = { width: box.clientWidth, height: box.clientHeight };
    await Plotly.downloadImage({ data, layout: filled }, { format: "png", scale: 2, filename: button.dataset.file, ...size });
  }

  const button = document.getElementById("theme");
  function name() {
    button.textContent = theme() === "dark" ? "Light colours" : "Dark colours";
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = theme() === "dark" ? "light" : "dark";
    name();
    dress(theme());
  });
  system.addEventListener("change", () => { name(); dress(theme()); });
  name();

  const contents = document.querySelector("nav details");
  const fold = () => { contents.open = wide.matches; };
  wide.addEventListener("change", fold);
  fold();
  contents.addEventListener("click", (event) => { if (event.target.closest("a") && !wide.matches) contents.open = false; });

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("button.png");
    if (pressed) save(pressed);
  });

  const watcher = new IntersectionObserver((seen) => {
    for (const entry of seen) if (entry.isIntersecting) { draw(entry.target); watcher.unobserve(entry.target); }
  }, { rootMargin: NEAR });
  boxes.forEach((box) => watcher.observe(box));

  for (const box of document.querySelectorAll(".film-box")) {
    const shadow = box.attachShadow({ mode: "open" }), sheet = document.createElement("style"), root = document.createElement("div");
    sheet.textContent = film.sheet;
    root.className = "film";
    shadow.append(sheet, root);
    const shown = document.getElementById(box.id + "-data").textContent, head = JSON.stringify({ run: box.id, version: "1", live: false, level: 4 });
    film({ parentElement: shadow, data: new TextEncoder().encode(head + "\n" + shown + "\n") });
  }

  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.getAttribute("href").slice(1), link]));
  const reader = new IntersectionObserver((seen) => {
    for (const entry of seen) if (entry.isIntersecting) {
      links.forEach((link) => link.removeAttribute("aria-current"));
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  links.forEach((_, id) => { const part = document.getElementById(id); if (part) reader.observe(part); });

  let folded = [];
  addEventListener("beforeprint", () => {
    boxes.forEach(draw);
    dress("light", { width: PRINTED, autosize: false });
    folded = [...document.querySelectorAll("main details:not([open])")];
    folded.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => {
    folded.forEach((one) => { one.open = false; });
    dress(theme(), { width: null, autosize: true });
  });
})();
