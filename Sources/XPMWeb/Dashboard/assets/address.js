// What is shown beside the list is in the address, so that Back, reload, bookmarks and links work.

/** The fragment of a service's details; of nothing without a key. */
export const address = (key, tab = "overview") => (key ? `#service=${key.split("\0").map(encodeURIComponent).join("&")}&${tab}` : "");

export const TIMELINE = "#timeline";

/** `{key, tab}` of a fragment, with no key for the timeline; null where it means nothing. */
export function parseAddress(fragment) {
  if (fragment === TIMELINE) return { key: null, tab: "events" };
  const parts = fragment.match(/^#service=(.*)$/)?.[1].split("&");
  if (parts?.length !== 5) return null;
  try {
    return { key: parts.slice(0, 4).map(decodeURIComponent).join("\0"), tab: ["logs", "events"].includes(parts[4]) ? parts[4] : "overview" };
  } catch {
    return null;
  }
}
