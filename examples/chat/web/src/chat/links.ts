// Addresses in what people say.

/** A part of a text: words, or an address to follow. */
export interface Part {
  readonly text: string;
  readonly href: string | null;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/gi;

/** Splits a text at its addresses. A full stop or bracket behind one is the sentence's. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null });
    parts.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}

function trimmed(address: string): string {
  let rest = address.replace(/[.,;:!?]+$/, "");
  // `(see https://example.com)` ends before the bracket; `https://example.com/a_(b)` does not.
  if (rest.endsWith(")") && !rest.includes("(")) rest = rest.slice(0, -1);
  return rest;
}
