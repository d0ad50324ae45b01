// @ts-check
/** The way to the page's own server: a snapshot, the feed that follows it, and acts. */

/** What the server refused, in words for a person. */
export class Refused extends Error {}

/** @param {string} eyes */
export async function snapshot(eyes) {
  const response = await fetch(`/snapshot?eyes=${encodeURIComponent(eyes)}`);
  return response.json();
}

/**
 * Do something as somebody. Throws Refused.
 * @param {string} act
 * @param {Record<string, unknown>} given
 */
export async function act(act, given) {
  let response;
  try {
    response = await fetch(`/do/${act}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(given),
    });
  } catch {
    throw new Refused("The playground does not answer. Is it still running?");
  }
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error);
  return answer;
}

/**
 * Follow what happens after a snapshot. The browser itself comes back after a break, and says what it saw last.
 * @param {string} eyes
 * @param {{run: string, number: number}} from
 * @param {Record<string, (content: any) => void>} listeners by the event's name; `lost` and `found` for the line
 */
export function follow(eyes, from, listeners) {
  const source = new EventSource(`/feed?eyes=${encodeURIComponent(eyes)}&after=${from.run}-${from.number}`);
  for (const name of ["message", "modal", "home", "pane", "faxes", "exchange", "anew"]) {
    source.addEventListener(name, (event) => listeners[name](JSON.parse(/** @type {MessageEvent} */ (event).data)));
  }
  source.onopen = () => listeners.found({});
  source.onerror = () => listeners.lost({});
  return source;
}
