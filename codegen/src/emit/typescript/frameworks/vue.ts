/** A hub in a component. */
export interface UsedHub<L extends HubLink & { readonly hub: unknown }> {
  /** What the server can be called with. */
  readonly hub: L["hub"];

  /** The state of the connection. */
  readonly state: Readonly<ShallowRef<HubLinkState>>;

  /** The last error; `undefined` while connected. */
  readonly error: Readonly<ShallowRef<Error | undefined>>;

  /** The connection itself: to try again at once, or to stop it early. */
  readonly link: L;
}

/** Keeps a connection as long as the component or the scope that called this. */
function useLink<L extends HubLink & { readonly hub: unknown }>(
  link: L,
): UsedHub<L> {
  if (getCurrentScope() === undefined) {
    throw new Error(
      "Call this in `setup`, before its first `await`: it ends with the component.",
    );
  }
  const state = shallowRef(link.status.state);
  const error = shallowRef(link.status.error);
  link.subscribe((status) => {
    state.value = status.state;
    error.value = status.error;
  });
  const start = (): void => {
    // The error is in the status.
    link.start().catch(() => {});
  };
  if (getCurrentInstance() === null) {
    start();
  } else {
    onMounted(start);
  }
  onScopeDispose(() => void link.stop());
  return { hub: link.hub, state, error, link };
}
