// OSC 1.0 packets to messages and back, after the specification at opensoundcontrol.org.

/** @typedef {{address: string, args: any[]}} Message */

const text = new TextDecoder();
const bytes = new TextEncoder();

/**
 * One message as a packet: whole numbers as i, others as f, strings as s, booleans as T or F.
 * @param {string} address @param {...(number|string|boolean)} args
 */
export function encode(address, ...args) {
  const tags = "," + args.map(tagOf).join("");
  const parts = [padded(address), padded(tags)];
  args.forEach((value, i) => {
    const tag = tags[i + 1];
    if (tag === "s") parts.push(padded(String(value)));
    if (tag === "i" || tag === "f") parts.push(number(tag, Number(value)));
  });
  const packet = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    packet.set(part, at);
    at += part.length;
  }
  return packet;
}

/** @param {number|string|boolean} value */
function tagOf(value) {
  if (typeof value === "boolean") return value ? "T" : "F";
  if (typeof value === "string") return "s";
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? "i" : "f";
}

/** @param {string} string */
function padded(string) {
  const plain = bytes.encode(string);
  const full = new Uint8Array((plain.length + 4) & -4);
  full.set(plain);
  return full;
}

/** @param {"i"|"f"} tag @param {number} value */
function number(tag, value) {
  const view = new DataView(new ArrayBuffer(4));
  if (tag === "i") view.setInt32(0, value);
  else view.setFloat32(0, value);
  return new Uint8Array(view.buffer);
}

/**
 * The messages of a packet, a bundle's in order. Throws RangeError if it is cut short or has an unknown type.
 * @param {ArrayBuffer} packet @returns {Message[]}
 */
export function decode(packet) {
  const all = new Uint8Array(packet);
  if (all[0] !== 0x23) return [message(all)];
  const view = new DataView(packet);
  const messages = [];
  for (let at = 16; at < all.length;) {
    const size = view.getInt32(at);
    if (size <= 0 || at + 4 + size > all.length) throw new RangeError("a bundle's element has no such size");
    messages.push(...decode(packet.slice(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return messages;
}

/** @param {Uint8Array} all @returns {Message} */
function message(all) {
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  let at = 0;
  const string = () => {
    const end = all.indexOf(0, at);
    if (end < 0) throw new RangeError("a string has no end");
    const found = text.decode(all.subarray(at, end));
    at = (end + 4) & -4;
    return found;
  };
  const fixed = (/** @type {number} */ size, /** @type {(at: number) => any} */ read) => {
    const value = read(at);
    at += size;
    return value;
  };
  const address = string();
  const tags = at < all.length ? string() : ",";
  const args = [];
  for (const tag of tags.slice(1)) {
    if (tag === "i") args.push(fixed(4, (i) => view.getInt32(i)));
    else if (tag === "f") args.push(fixed(4, (i) => view.getFloat32(i)));
    else if (tag === "d") args.push(fixed(8, (i) => view.getFloat64(i)));
    else if (tag === "h") args.push(fixed(8, (i) => Number(view.getBigInt64(i))));
    else if (tag === "s") args.push(string());
    else if (tag === "T" || tag === "F") args.push(tag === "T");
    else if (tag === "N") args.push(null);
    else throw new RangeError(`the type ${tag} is unknown`);
  }
  return { address, args };
}
