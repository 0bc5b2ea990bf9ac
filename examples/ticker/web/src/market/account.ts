// Who this person is to the server: a guest, or signed in. Each tab has its own, so two tabs are two people.
const KEY = "hubs-ticker";

export interface Account {
  /** Empty for guests. */
  readonly name: string;
  readonly trader: boolean;
}

export const GUEST: Account = { name: "", trader: false };

/** The id of this tab: the server knows a guest by it after a reload or on another connection. */
export const PAGE = pageId();

function pageId(): string {
  const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const id = sessionStorage.getItem(`${KEY}-page`) ?? made;
    sessionStorage.setItem(`${KEY}-page`, id);
    return id;
  } catch {
    return made;
  }
}

/** The key of this person among those who watch. */
export const keyOf = ({ name }: Account): string => (name === "" ? `guest:${PAGE}` : `user:${name}`);

export function recall(): Account {
  try {
    const { name, trader } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<Account>;
    return typeof name === "string" ? { name, trader: trader === true } : GUEST;
  } catch {
    return GUEST;
  }
}

export function remember(account: Account): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(account));
  } catch {
    // A browser that stores nothing asks again after a reload; that is all.
  }
}

/**
 * The token of this person. It is asked for before each connect: a token may have expired, and a server that was started
 * anew may have forgotten everybody.
 */
export async function signIn(account: Account): Promise<string> {
  if (account.name === "") return "";
  const answer = await fetch("/sign-in", { method: "POST", body: JSON.stringify(account) });
  if (!answer.ok) throw new Error(await answer.text());
  const { token } = (await answer.json()) as { token: string };
  return token;
}
