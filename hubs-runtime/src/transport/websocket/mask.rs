//! The client's mask (RFC 6455, section 5.3): a key of four bytes, applied over and over to one frame's payload,
//! however it is cut.

/// The key of one frame, turned so that it begins at the next byte.
#[derive(Debug)]
pub(super) struct Mask([u8; 4]);

impl Mask {
    pub(super) fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// Unmasks the next `bytes` of the frame, eight at a time.
    pub(super) fn apply(&mut self, bytes: &mut [u8]) {
        let key = u32::from_ne_bytes(self.0);
        let wide = u64::from(key) << 32 | u64::from(key);
        let (eights, rest) = bytes.as_chunks_mut::<8>();
        for eight in eights {
            *eight = (u64::from_ne_bytes(*eight) ^ wide).to_ne_bytes();
        }
        let (four, rest) = rest.as_chunks_mut::<4>();
        for four in four {
            *four = (u32::from_ne_bytes(*four) ^ key).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(self.0) {
            *byte ^= key;
        }
        self.0.rotate_left(bytes.len() % 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_cut_gives_the_same_bytes() {
        let key = [0x12, 0x34, 0x56, 0x78];
        let clear: Vec<u8> = (0..100).collect();
        let masked: Vec<u8> = clear.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
        for cut in 0..clear.len() {
            let mut bytes = masked.clone();
            let mut mask = Mask::new(key);
            let (first, second) = bytes.split_at_mut(cut);
            mask.apply(first);
            mask.apply(second);
            assert_eq!(bytes, clear, "cut at {cut}");
        }
    }
}
