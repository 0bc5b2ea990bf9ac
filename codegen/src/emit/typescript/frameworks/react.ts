/** A hub in a component. */
export interface UsedHub<L extends HubLink & { readonly hub: unknown }> {
  /** What the server can be called with; the same object until the address changes. */
  readonly hub: L["hub"];

  /** The state of the connection. */
  readonly state: HubLinkState;

  /** The last error; `undefined` while connected. */
  readonly error: Error | undefined;

  /** The connection itself: to try again at once, or to stop it early. */
  readonly link: L;
}

/** Connects whenever the component is mounted, and renders it again when the status changes. */
function useLink<L extends HubLink & { readonly hub: unknown }>(
  link: L,
): UsedHub<L> {
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
    // The error is in the status.
    link.start().catch(() => {});
    return () => void link.stop();
  }, [link]);
  return { hub: link.hub, state, error, link };
}

/** The value of the last render. */
function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
