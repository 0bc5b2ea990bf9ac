//! The slots of a Redis Cluster: which one a name is in, and which master serves it. Must not know connections.

use redis::Value;

/// The last slot.
pub(super) const LAST: u16 = 16_383;

/// Some slots, and the host and port of their master. The host is empty where the server does not know its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) host: String,
    pub(super) port: u16,
}

/// The slot of a key or of a sharded channel: of what stands in its first braces, where that is not empty.
pub(super) fn slot(name: &str) -> u16 {
    let tag = name.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    crc16(tag.filter(|tag| !tag.is_empty()).unwrap_or(name).as_bytes()) % (LAST + 1)
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    let shift = |crc: u16, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
    bytes.iter().fold(0, |crc, byte| (0..8).fold(crc ^ (u16::from(*byte) << 8), shift))
}

/// Reads the reply of `CLUSTER SLOTS`; `None` if it is another one.
pub(super) fn ranges(reply: Value) -> Option<Vec<Range>> {
    let Value::Array(ranges) = reply else { return None };
    ranges.into_iter().map(range).collect()
}

fn range(range: Value) -> Option<Range> {
    let Value::Array(range) = range else { return None };
    let [Value::Int(first), Value::Int(last), Value::Array(master), ..] = range.as_slice() else { return None };
    let [host, Value::Int(port), ..] = master.as_slice() else { return None };
    let host = match host {
        Value::BulkString(host) => String::from_utf8(host.clone()).ok()?,
        Value::Nil => String::new(),
        _ => return None,
    };
    Some(Range {
        first: (*first).try_into().ok()?,
        last: (*last).try_into().ok()?,
        host,
        port: (*port).try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_slots_that_redis_says() {
        // `CLUSTER KEYSLOT` of Redis 7.0.
        let expected = [
            ("", 0),
            ("123456789", 12_739),
            ("foo", 12_182),
            ("{foo}.bar", 12_182),
            ("a{foo}b{c}", 12_182),
            ("{}foo", 9_500),
            ("{foo", 13_308),
        ];
        for (name, expected) in expected {
            assert_eq!(slot(name), expected, "{name}");
        }
    }
}
