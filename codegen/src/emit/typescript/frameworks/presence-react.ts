/** What is shown while there is no group. */
const NO_GROUP: HubPresence<never> = {
  members: [],
  count: 0,
  isCounted: false,
  isCurrent: false,
};

/** Watches a group, and renders the component again when its members change. */
function usePresence<M>(
  link: { presence(group: string): HubPresenceGroup<M> },
  group: string | undefined,
  events: HubPresenceEvents<M>,
): HubPresence<M> {
  const latest = useLatest(events);
  const watched = useMemo(
    () => (group === undefined ? undefined : link.presence(group)),
    [link, group],
  );
  const subscribe = useCallback(
    (changed: () => void) => {
      const subscription = watched?.subscribe(changed, {
        onJoin: (member) => latest.current.onJoin?.(member),
        onLeave: (member) => latest.current.onLeave?.(member),
      });
      return () => subscription?.dispose();
    },
    [watched, latest],
  );
  const current = (): HubPresence<M> => watched?.current ?? NO_GROUP;
  return useSyncExternalStore(subscribe, current, current);
}
