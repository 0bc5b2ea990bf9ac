// Who this person is to the server: a guest, or signed in. The server decides how it knows people again, by a cookie that
// the browser keeps or by a token that this page sends, and what each of them may do.

/** What a person signs in as. */
export type Account = "guest" | "member" | "moderator";

export const isAccount = (value: unknown): value is Account => value === "guest" || value === "member" || value === "moderator";

/**
 * Signs in, before each connect: a token may have expired, and a server that was started anew may have forgotten everybody.
 * Returns the token if the server gives one; after an empty text the cookie counts, if there is one.
 */
export async function signIn(name: string, account: Account): Promise<string> {
  if (account === "guest" || name === "") return "";
  const answer = await fetch("/sign-in", { method: "POST", body: JSON.stringify({ name, moderator: account === "moderator" }) });
  if (!answer.ok) throw new Error(await answer.text());
  if (answer.status === 204) return "";
  const { token } = (await answer.json()) as { token: string };
  return token;
}

export async function signOut(): Promise<void> {
  await fetch("/sign-out", { method: "POST" });
}
