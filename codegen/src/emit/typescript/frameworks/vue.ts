/** A hub in a component. */
export interface UsedHub<L extends HubLink & { readonly hub: unknown }> {
  /** What the server can be called with. */
  readonly hub: L["hub"];

  /** How the connection is doing. */
  readonly state: Readonly<ShallowRef<HubLinkState>>;

  /** What went wrong last; `undefined` once all is well. */
  readonly error: Readonly<ShallowRef<Error | undefined>>;

  /** The connection itself: to try again at once, or to stop it early. */
  readonly link: L;
}

/** Keeps a connection as long as the component, or the scope, that asks for it. */
function useLink<L extends HubLink & { readonly hub: unknown }>(link: L): UsedHub<L> {
  if (getCurrentScope() === undefined) {
    throw new Error("Call this in `setup`, before its first `await`: it ends with the component.");
  }
  const state = shallowRef(link.status.state);
  const error = shallowRef(link.status.error);
  link.subscribe((status) => {
    state.value = status.state;
    error.value = status.error;
  });
  const start = (): void => {
    // What goes wrong is in `error`.
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
