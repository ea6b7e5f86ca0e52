window.__streamlit = {BACKEND_BASE_URL: location.origin}
{
  const push = history.pushState
  let left = ""  // the address when the reader last did something
  for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => { left = location.href }, { capture: true, passive: true })
  history.pushState = function (state, unused, url) {
    const there = new URL(url ?? location.href, location.href)
    if (there.pathname === location.pathname) return history.replaceState.call(history, state, unused, url)
    if (left && there.search === location.search) history.replaceState(history.state, "", left)
    return push.call(history, state, unused, url)
  }
}
