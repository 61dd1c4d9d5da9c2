// Keys of the whole page. Where somebody types, or a dialog is open, they mean what they always mean.

export function handleKeys(to) {
  const keys = {
    "/": to.search, "?": to.help, n: to.create, t: to.timeline, j: () => to.move(1), k: () => to.move(-1),
    s: () => to.perform("start"), x: () => to.perform("stop"), r: () => to.perform("restart"), Delete: () => to.perform("remove"),
    o: to.open, l: () => to.tab("logs"), w: () => to.tab("overview"), Escape: to.escape,
  };
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { target } = event;
    if (document.querySelector("dialog[open]")) return;
    if (target.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    const act = keys[event.key];
    if (!act || (event.repeat && !"jk".includes(event.key))) return;
    event.preventDefault();
    act();
  });
}
