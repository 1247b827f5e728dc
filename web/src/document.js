/**
 * Unpacks the data that stands in the page: base64 of gzip of a manifest in JSON and typed arrays.
 *
 * Layout, little-endian: length of the JSON (4 bytes), the JSON, zeros up to a multiple of 8, the arrays.  An array in the
 * manifest is `{at, n, type, scale?, delta?}`; with `delta` first differences are stored, with `scale` whole multiples of it.
 * A coded text column is `{words, codes}`.
 */

const TYPES = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  i16: Int16Array,
  u16: Uint16Array,
  u8: Uint8Array,
};
const NONE = { u8: 0xff, u16: 0xffff, u32: 0xffffffff };

/** Return the document that the element with this id holds. */
export async function unpack(elementId) {
  const element = document.getElementById(elementId);
  const bytes = await gunzip(fromBase64(element.textContent));
  element.remove(); // the text is as large as the file
  const jsonLength = new DataView(bytes.buffer).getUint32(0, true);
  const manifest = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + jsonLength)));
  return new Packed(manifest, bytes.buffer, Math.ceil((4 + jsonLength) / 8) * 8);
}

function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

async function gunzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A manifest and the arrays that it names. */
export class Packed {
  constructor(manifest, buffer, begin) {
    this.manifest = manifest;
    this.buffer = buffer;
    this.begin = begin;
  }

  /** Return the numbers of an array as they are meant, or null where the manifest has none. */
  numbers(ref) {
    if (!ref) return null;
    if (Array.isArray(ref)) return Float64Array.from(ref, (value) => value ?? NaN);
    const stored = new TYPES[ref.type](this.buffer, this.begin + ref.at, ref.n);
    if (!ref.delta && ref.scale === undefined) return stored;
    const scale = ref.scale ?? 1;
    const meant = new Float64Array(ref.n);
    let sum = 0;
    for (let i = 0; i < ref.n; i++) {
      sum = ref.delta ? sum + stored[i] : stored[i];
      meant[i] = sum * scale;
    }
    return meant;
  }

  /** Return a column of codes as whole numbers, -1 where unknown. */
  codes(ref) {
    if (!ref) return null;
    if (Array.isArray(ref)) return Int32Array.from(ref, (value) => value ?? -1);
    const none = NONE[ref.type];
    const codes = Int32Array.from(this.numbers(ref));
    for (let i = 0; i < codes.length; i++) if (codes[i] === none) codes[i] = -1;
    return codes;
  }

  /** Return a column of texts: stored one by one, or as words and codes.  Unknown is the empty text. */
  texts(ref) {
    if (!ref) return new Texts([], null);
    if (Array.isArray(ref)) return new Texts(ref, null);
    return new Texts(ref.words, this.codes(ref.codes));
  }
}

/** A column of texts. */
export class Texts {
  constructor(words, codes) {
    this.words = words;
    this.codes = codes;
  }

  at(row) {
    const word = this.codes ? this.words[this.codes[row]] : this.words[row];
    return word ?? "";
  }
}
