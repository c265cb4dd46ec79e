// Files from livegen: saved by the browser, or copied as text.

/** @typedef {(sentence: string) => void} Say */

/** @param {string} path @param {Say} say @returns {Promise<Response|null>} */
async function get(path, say) {
  say("One moment …");
  const answer = await fetch(path).catch(() => null);
  if (answer?.ok) return answer;
  say((await answer?.text().catch(() => "")) || "livegen does not answer.");
  return null;
}

/** Save a file, and copy it too when it is text. @param {string} path @param {Say} say */
export async function download(path, say) {
  const answer = await get(path, say);
  if (!answer) return;
  const blob = await answer.blob();
  const name = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? path.slice(1);
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(blob);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
  const copied = path.endsWith(".abc") && (await toClipboard(await blob.text()));
  say(copied ? `Saved ${name}, and copied.` : `Saved ${name}.`);
}

/** Copy a file's text. @param {string} path @param {Say} say */
export async function copy(path, say) {
  const answer = await get(path, say);
  if (!answer) return;
  say((await toClipboard(await answer.text())) ? "Copied." : "This browser lets no page copy; save it instead.");
}

/** @param {string} text */
export async function toClipboard(text) {
  return (await navigator.clipboard?.writeText(text).then(() => true, () => false)) ?? false;
}
