/** A hub in a component. */
export interface UsedHub<L extends HubLink & { readonly hub: unknown }> {
  /** What the server can be called with; the same object until the address changes. */
  readonly hub: L["hub"];

  /** How the connection is doing. */
  readonly state: HubLinkState;

  /** What went wrong last; `undefined` once all is well. */
  readonly error: Error | undefined;

  /** The connection itself: to try again at once, or to stop it early. */
  readonly link: L;
}

/** Connects when the component is mounted, as often as that happens, and shows how it goes. */
function useLink<L extends HubLink & { readonly hub: unknown }>(link: L): UsedHub<L> {
  const subscribe = useCallback(
    (changed: () => void) => {
      const subscription = link.subscribe(changed);
      return () => subscription.dispose();
    },
    [link],
  );
  const current = (): HubLinkStatus => link.status;
  const { state, error } = useSyncExternalStore(subscribe, current, current);
  useEffect(() => {
    // What goes wrong is in `error`.
    link.start().catch(() => {});
    return () => void link.stop();
  }, [link]);
  return { hub: link.hub, state, error, link };
}

/** What the last render said, for whoever asks later. */
function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
