//! Maps that give memory back: those of the standard library keep room for the most they ever held.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, Hash},
};

use indexmap::IndexMap;

/// Room for so many is kept in any case.
const KEPT: usize = 16;

/// A collection whose room follows what it holds.
pub(crate) trait ShrinkSpare {
    /// To be called after something was removed. Gives room back where less than a fourth is used, and keeps enough to
    /// grow again: over many calls that costs no more than the growing did.
    fn shrink_spare(&mut self);
}

/// How much room is enough, if there is too much.
fn enough(held: usize, room: usize) -> Option<usize> {
    (room > KEPT && held < room / 4).then_some((2 * held).max(KEPT / 2))
}

macro_rules! shrink {
    ($($map:ident<$key:ident $(, $value:ident)?>),*) => {$(
        impl<$key: Eq + Hash $(, $value)?, S: BuildHasher> ShrinkSpare for $map<$key $(, $value)?, S> {
            fn shrink_spare(&mut self) {
                if let Some(room) = enough(self.len(), self.capacity()) {
                    self.shrink_to(room);
                }
            }
        }
    )*};
}

shrink!(HashMap<K, V>, HashSet<K>, IndexMap<K, V>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_follows_what_is_held() {
        let mut map: HashMap<u32, u32> = (0..10_000).map(|number| (number, number)).collect();
        let mut shrunk = 0;
        for number in 0..10_000 {
            map.remove(&number);
            let before = map.capacity();
            map.shrink_spare();
            shrunk += usize::from(map.capacity() < before);
            assert!(map.capacity() <= (8 * map.len()).max(4 * KEPT), "{} for {}", map.capacity(), map.len());
        }
        assert!(map.capacity() <= KEPT);
        assert!(shrunk < 16, "{shrunk} times");
    }
}
