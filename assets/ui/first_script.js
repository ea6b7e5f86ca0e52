window.__streamlit = {BACKEND_BASE_URL: location.origin}
{
  const push = history.pushState
  history.pushState = function (state, unused, url) {
    const there = new URL(url ?? location.href, location.href)
    const change = there.pathname === location.pathname ? history.replaceState : push
    return change.call(history, state, unused, url)
  }
}
