// A page that shows who is in a group: what a member shows has the type of what the server sends, and not of what a page sends.

import type { Account, AccountInput, AskConnection, HubMember, HubPresence } from "./hubs/index.js";

export function shown(ask: AskConnection, group: string): string[] {
  const { members }: HubPresence<Account> = ask.presence(group).current;
  return members.map(({ key, meta, connections }) => `${key}: ${meta.name} ${meta.logins + connections}`);
}

export function wrong({ meta }: HubMember<Account>): AccountInput {
  // @ts-expect-error the server does not send the password
  console.log(meta.password);
  // @ts-expect-error it is another type than what a page sends
  return meta;
}
