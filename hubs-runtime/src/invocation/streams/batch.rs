//! Items one behind the other in one piece of memory, so that a small one costs what it holds and pins nothing.

use std::mem::size_of;

/// Memory beyond this is not kept for the next items.
const KEPT: usize = 4 * 1024;

/// Items to be read in order, once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// Where each item ends.
    ends: Vec<usize>,
    /// How many were read.
    read: usize,
}

impl Batch {
    pub(super) fn push(&mut self, item: &[u8]) {
        self.bytes.extend_from_slice(item);
        self.ends.push(self.bytes.len());
    }

    /// Moves all items of `other`, of which none was read.
    pub(super) fn append(&mut self, other: &mut Self) {
        if self.ends.is_empty() {
            std::mem::swap(self, other);
            return;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| start + end));
        other.clear();
    }

    /// How much an item adds to [`Batch::size`].
    pub(super) fn size_of(item: &[u8]) -> usize {
        item.len() + size_of::<usize>()
    }

    /// How many items it holds, read or not.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// In bytes, with what it takes to tell the items apart.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<usize>()
    }

    /// Whether all items were read.
    pub(super) fn is_read(&self) -> bool {
        self.read == self.ends.len()
    }

    /// The next item. To be called only if there is one.
    pub(super) fn read(&mut self) -> &[u8] {
        let start = self.read.checked_sub(1).map_or(0, |last| self.ends[last]);
        let end = self.ends[self.read];
        self.read += 1;
        &self.bytes[start..end]
    }

    pub(super) fn clear(&mut self) {
        if self.bytes.capacity() + self.ends.capacity() * size_of::<usize>() > KEPT {
            *self = Self::default();
            return;
        }
        self.bytes.clear();
        self.ends.clear();
        self.read = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_out_as_they_went_in() {
        let mut batch = Batch::default();
        for _ in 0..2 {
            for item in [&b"one"[..], b"", b"three"] {
                batch.push(item);
            }
            assert_eq!((batch.len(), batch.size()), (3, 8 + 3 * size_of::<usize>()));
            assert_eq!(batch.read(), b"one");
            assert_eq!(batch.read(), b"");
            assert!(!batch.is_read());
            assert_eq!(batch.read(), b"three");
            assert!(batch.is_read());
            batch.clear();
            assert_eq!((batch.len(), batch.size(), batch.is_read()), (0, 0, true));
        }
    }

    #[test]
    fn batches_are_joined_in_order() {
        let (mut all, mut more) = (Batch::default(), Batch::default());
        for items in [["a", "bc"], ["", "d"]] {
            items.iter().for_each(|item| more.push(item.as_bytes()));
            all.append(&mut more);
            assert_eq!(more.len(), 0);
        }
        assert_eq!([(); 4].map(|()| all.read().to_vec()), [&b"a"[..], b"bc", b"", b"d"]);
        assert!(all.is_read());
    }

    #[test]
    fn a_large_items_memory_is_not_kept() {
        let mut batch = Batch::default();
        batch.push(&vec![0; KEPT + 1]);
        batch.read();
        batch.clear();
        assert_eq!(batch.bytes.capacity(), 0);
    }
}
