// Values in the forms that they are compared in.

/** The value with one kind of change to its leaves. */
function leaves(value, change) {
  if (value instanceof Uint8Array || value === null || typeof value !== "object") {
    return change(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => leaves(item, change));
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, leaves(part, change)]));
}

/** As JSON has it: bytes are base64, and -0 is 0 as soon as a page writes it. */
export function inJson(value) {
  return leaves(value, (leaf) => {
    if (leaf instanceof Uint8Array) {
      return Buffer.from(leaf).toString("base64");
    }
    return leaf === 0 ? 0 : leaf;
  });
}

/** With every number as an f32. */
export function rounded(value) {
  return leaves(value, (leaf) => (typeof leaf === "number" ? Math.fround(leaf) : leaf));
}

/** As text, the same for equal values whatever the order of their members. */
export function show(value) {
  const sorted = (_, part) => {
    if (part instanceof Uint8Array) {
      return { bytes: [...part] };
    }
    const isObject = part !== null && typeof part === "object" && !Array.isArray(part);
    return isObject ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part;
  };
  return JSON.stringify(value, sorted) ?? "undefined";
}
