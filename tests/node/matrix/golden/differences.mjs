// Where two hub messages differ, part by part.

/** The paths of what differs, each with both values: `[{ path, expected, actual }]`. */
export function differences(expected, actual, path = "") {
  if (isBranch(expected) && isBranch(actual) && Array.isArray(expected) === Array.isArray(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    return keys.flatMap((key) => differences(expected[key], actual[key], path === "" ? key : `${path}.${key}`));
  }
  return text(expected) === text(actual) ? [] : [{ path, expected, actual }];
}

const isBranch = (value) =>
  value !== null && typeof value === "object" && !(value instanceof Uint8Array) && !(value instanceof Date);

const text = (value) => {
  const kind = value instanceof Uint8Array ? "bytes" : value instanceof Date ? "date" : typeof value;
  return `${kind} ${kind === "bytes" ? Buffer.from(value).toString("hex") : JSON.stringify(value)}`;
};
