//! Leases as keys that expire. Must not know connections.

use std::time::Duration;

use redis::{Cmd, Value};

use super::{BackplaneError, Lease, unexpected};

const ACQUIRE: &str = "\
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false";

const RENEW: &str = "\
local held = {}
for at, key in ipairs(KEYS) do
  held[at] = 0
  if redis.call('GET', key) == ARGV[1] then held[at] = redis.call('PEXPIRE', key, ARGV[2]) end
end
return held";

const RELEASE: &str = "\
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0";

/// Takes a lease. The reply is read with [`acquired`].
pub(super) fn acquire(key: &str, node: &str, term: Duration) -> Cmd {
    let mut cmd = eval(ACQUIRE, &[key]);
    cmd.arg(node).arg(milliseconds(term));
    cmd
}

pub(super) fn acquired(reply: Value) -> Result<Lease, BackplaneError> {
    match reply {
        Value::Nil => Ok(Lease::Acquired),
        holder => redis::from_redis_value(holder).map(Lease::Held).map_err(|_| unexpected()),
    }
}

pub(super) fn renew(keys: &[String], node: &str, term: Duration) -> Cmd {
    let mut cmd = eval(RENEW, keys);
    cmd.arg(node).arg(milliseconds(term));
    cmd
}

pub(super) fn release(key: &str, node: &str) -> Cmd {
    let mut cmd = eval(RELEASE, &[key]);
    cmd.arg(node);
    cmd
}

/// A script with its keys; its arguments follow.
pub(super) fn eval(script: &str, keys: &[impl AsRef<str>]) -> Cmd {
    let mut cmd = redis::cmd("EVAL");
    cmd.arg(script).arg(keys.len());
    for key in keys {
        cmd.arg(key.as_ref());
    }
    cmd
}

/// A key lives for one millisecond at least.
pub(super) fn milliseconds(term: Duration) -> u64 {
    u64::try_from(term.as_millis()).unwrap_or(u64::MAX).clamp(1, i64::MAX as u64 / 4)
}
