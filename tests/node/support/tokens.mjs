// JSON Web Tokens for the fixture's hub `/members`, whose secret the tests know.

import { createHmac } from "node:crypto";

/** A token that is good for ten minutes, unless `exp` says otherwise. */
export function token(claims, secret = Buffer.alloc(32, 7)) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ exp: now + 600, ...claims })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
