const held = (window.__plumagePeek ??= { now: null, box: null, sheet: "" })

function box() {
  if (held.box) return held.box
  held.box = document.createElement("div")
  held.box.className = "plumage-peek"
  Object.assign(held.box.style, {
    position: "fixed", display: "none", pointerEvents: "none", zIndex: 1000, borderRadius: "8px",
    border: "3px solid #E69F00", boxShadow: "0 4px 18px rgba(0,0,0,.35)", backgroundRepeat: "no-repeat",
    backgroundColor: "#8C877B" })
  document.body.append(held.box)
  return held.box
}

const hide = () => { box().style.display = "none" }
const indices = (event) => (event.points ?? []).map((point) => point.customdata).filter(Number.isInteger)

function show(event) {
  const data = held.now?.data, at = indices(event).find((index) => index >= 0)
  if (!data?.sheet || at === undefined) return hide()
  const side = data.side, gap = 18, mouse = event.event
  const left = mouse.clientX + gap + side > innerWidth ? mouse.clientX - gap - side : mouse.clientX + gap
  const top = Math.max(8, Math.min(mouse.clientY - side - gap, innerHeight - side - 8))
  Object.assign(box().style, { display: "block", left: left + "px", top: top + "px",
    backgroundPosition: `${-(at % data.columns) * side}px ${-Math.floor(at / data.columns) * side}px` })
}

function click(event) {
  const at = indices(event)[0]
  if (at !== undefined) held.now?.setTriggerValue("picked", at)
}

// the chart is a new element after every change of the figure, so it is looked for whenever the pointer moves
function listen(event) {
  const plot = event.target?.closest?.(`.st-key-${held.now?.data.chart}`)?.querySelector(".js-plotly-plot")
  if (!plot) return hide()
  if (plot.plumagePeek || !plot.on) return
  plot.plumagePeek = true
  plot.on("plotly_hover", show)
  plot.on("plotly_unhover", hide)
  plot.on("plotly_click", click)
}

export default function ({ data, setTriggerValue }) {
  held.now = { data, setTriggerValue }
  if (data.sheet && held.sheet !== data.id) {
    box().style.backgroundImage = `url(${data.sheet})`
    held.sheet = data.id
  }
  const side = data.side
  Object.assign(box().style, { width: side + "px", height: side + "px",
    backgroundSize: `${data.columns * side}px ${data.rows * side}px` })
  document.addEventListener("pointermove", listen, { passive: true })
  document.addEventListener("scroll", hide, { passive: true, capture: true })
  return () => {
    document.removeEventListener("pointermove", listen)
    document.removeEventListener("scroll", hide, { capture: true })
    held.now = null
    hide()
  }
}
