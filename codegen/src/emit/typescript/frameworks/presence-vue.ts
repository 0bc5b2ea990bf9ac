/** Who is in a group, in a component. */
export interface UsedPresence<M> {
  /** The members in the order in which they joined; empty where the group is only counted. */
  readonly members: ComputedRef<readonly HubMember<M>[]>;

  /** How many members there are. */
  readonly count: ComputedRef<number>;

  /** Whether the group is too big for a list: `count` is known, and `members` is empty. */
  readonly isCounted: ComputedRef<boolean>;

  /** Whether the state came over the current connection; see {@link HubPresence.isCurrent}. */
  readonly isCurrent: ComputedRef<boolean>;
}

/** What is shown while there is no group. */
const NO_GROUP: HubPresence<never> = {
  members: [],
  count: 0,
  isCounted: false,
  isCurrent: false,
};

/** Watches a group as long as the component or the scope that called this. */
function usePresence<M>(
  link: { presence(group: string): HubPresenceGroup<M> },
  group: MaybeRefOrGetter<string | undefined>,
  events: HubPresenceEvents<M>,
): UsedPresence<M> {
  if (getCurrentScope() === undefined) {
    throw new Error(
      "Call this in `setup`, before its first `await`: it ends with the component.",
    );
  }
  const presence = shallowRef<HubPresence<M>>(NO_GROUP);
  watch(
    () => toValue(group),
    (name, _before, onCleanup) => {
      const watched = name === undefined ? undefined : link.presence(name);
      presence.value = watched?.current ?? NO_GROUP;
      const subscription = watched?.subscribe((now) => {
        presence.value = now;
      }, events);
      onCleanup(() => subscription?.dispose());
    },
    { immediate: true },
  );
  return {
    members: computed(() => presence.value.members),
    count: computed(() => presence.value.count),
    isCounted: computed(() => presence.value.isCounted),
    isCurrent: computed(() => presence.value.isCurrent),
  };
}
