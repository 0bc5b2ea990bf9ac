//! Logs as two hashes each: what is known of the log, and its entries by number. Must not know connections.

use bytes::Bytes;
use redis::{Cmd, FromRedisValue, Value};

use super::{
    Appended, BackplaneError, LogKey, LogLimits, LogPosition, LogRead,
    leases::{eval, milliseconds},
    unexpected,
};
use crate::backplane::{Gap, LogEntry};

/// An entry is its tag and that of the entry before, in eight hexadecimal digits each, and its payload.
const TAGS: usize = 16;

/// How much longer than its entries a log itself is known, in milliseconds.
const KNOWN_FOR: u64 = 24 * 60 * 60 * 1000;

const APPEND: &str = "\
local log, entries, seen = KEYS[1], KEYS[2], KEYS[3]
local payload, epoch, tag = ARGV[1], ARGV[2], ARGV[3]
local most, bytes, age, known = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7]
epoch = redis.call('HGET', log, 'epoch') or epoch
if seen then
  local first = redis.call('HMGET', seen, 'epoch', 'number', 'tag', 'before')
  if first[1] == epoch then return first end
end
local before = redis.call('HGET', log, 'tag') or '00000000'
redis.call('HSET', log, 'epoch', epoch, 'tag', tag)
local last = redis.call('HINCRBY', log, 'last', 1)
if redis.call('EXISTS', entries) == 0 then redis.call('HSET', log, 'bytes', 0, 'first', last) end
redis.call('HSET', entries, last, tag .. before .. payload)
local size = redis.call('HINCRBY', log, 'bytes', #payload)
local first = tonumber(redis.call('HGET', log, 'first') or '1')
while first < last and (last - first + 1 > most or size > bytes) do
  local length = redis.call('HSTRLEN', entries, first)
  if length > 0 then size = redis.call('HINCRBY', log, 'bytes', 16 - length) end
  redis.call('HDEL', entries, first)
  first = first + 1
end
redis.call('HSET', log, 'first', first)
redis.call('PEXPIRE', log, known)
redis.call('PEXPIRE', entries, age)
if seen then
  redis.call('HSET', seen, 'epoch', epoch, 'number', last, 'tag', tag, 'before', before)
  redis.call('PEXPIRE', seen, ARGV[8])
end
return {epoch, tostring(last), tag, before}";

const END: &str = "\
redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'tag')
return {known[1], known[2] or '0', known[3] or '00000000'}";

const READ: &str = "\
local log, entries = KEYS[1], KEYS[2]
local known = redis.call('HMGET', log, 'epoch', 'last', 'tag', 'first')
local after = tonumber(ARGV[3])
if not known[1] or ARGV[2] ~= known[1] then return {'epoch'} end
local last, first = tonumber(known[2] or '0'), tonumber(known[4] or '1')
if redis.call('EXISTS', entries) == 0 then first = last + 1 end
if after + 1 < first then return {'trimmed'} end
if after > last then return {'diverged'} end
local tag = known[3] or '00000000'
if after < last then tag = string.sub(redis.call('HGET', entries, after + 1), 9, 16) end
if tag ~= ARGV[4] then return {'diverged'} end
local found = {'entries', known[1]}
for number = after + 1, math.min(last, after + tonumber(ARGV[1])) do
  table.insert(found, tostring(number))
  table.insert(found, redis.call('HGET', entries, number))
end
return found";

const LATEST: &str = "\
local log, entries = KEYS[1], KEYS[2]
local known = redis.call('HMGET', log, 'epoch', 'last', 'first')
if not known[1] or redis.call('EXISTS', entries) == 0 then return {'0'} end
local last = tonumber(known[2])
local found = {known[1]}
for number = math.max(tonumber(known[3]), last - tonumber(ARGV[1]) + 1), last do
  table.insert(found, tostring(number))
  table.insert(found, redis.call('HGET', entries, number))
end
return found";

/// Adds an entry. The reply is read with [`appended`].
pub(super) fn append(
    log: &str,
    entry: &Bytes,
    key: Option<LogKey<'_>>,
    limits: LogLimits,
) -> Result<Cmd, BackplaneError> {
    let mut keys = keys(log).to_vec();
    keys.extend(key.map(|key| format!("{log}:key:{}", key.text)));
    let mut cmd = eval(APPEND, &keys);
    cmd.arg(&entry[..]).arg(random()?).arg(format!("{:08x}", random()? as u32));
    cmd.arg(limits.entries).arg(limits.bytes).arg(milliseconds(limits.age)).arg(known_for(limits));
    cmd.arg(key.map_or(0, |key| milliseconds(key.kept_for)));
    Ok(cmd)
}

pub(super) fn appended(reply: Value) -> Result<Appended, BackplaneError> {
    let (epoch, number, tag, before) = redis::from_redis_value(reply).map_err(|_| unexpected())?;
    let (tag, before): (String, String) = (tag, before);
    let position = LogPosition { epoch, number, tag: read_tag(tag.as_bytes())? };
    Ok(Appended { position, before: read_tag(before.as_bytes())? })
}

/// Finds the end. The reply is read with [`position`].
pub(super) fn end(log: &str, limits: LogLimits) -> Result<Cmd, BackplaneError> {
    let mut cmd = eval(END, &[log]);
    cmd.arg(random()?).arg(known_for(limits));
    Ok(cmd)
}

pub(super) fn position(reply: Value) -> Result<LogPosition, BackplaneError> {
    let (epoch, number, tag): (u64, u64, String) = redis::from_redis_value(reply).map_err(|_| unexpected())?;
    Ok(LogPosition { epoch, number, tag: read_tag(tag.as_bytes())? })
}

/// Reads entries. The reply is read with [`read_reply`].
pub(super) fn read(log: &str, after: LogPosition, count: usize) -> Cmd {
    let mut cmd = eval(READ, &keys(log));
    cmd.arg(count).arg(after.epoch).arg(after.number).arg(format!("{:08x}", after.tag));
    cmd
}

pub(super) fn read_reply(reply: Value) -> Result<LogRead, BackplaneError> {
    let Value::Array(mut reply) = reply else { return Err(unexpected()) };
    if reply.is_empty() {
        return Err(unexpected());
    }
    let kind: String = redis::from_redis_value(reply.remove(0)).map_err(|_| unexpected())?;
    Ok(match kind.as_str() {
        "epoch" => LogRead::Gap(Gap::Epoch),
        "trimmed" => LogRead::Gap(Gap::Trimmed),
        "diverged" => LogRead::Gap(Gap::Diverged),
        _ => LogRead::Entries(entries(Value::Array(reply))?),
    })
}

/// Reads the last entries. The reply is read with [`entries`].
pub(super) fn latest(log: &str, count: usize) -> Cmd {
    let mut cmd = eval(LATEST, &keys(log));
    cmd.arg(count);
    cmd
}

/// The epoch, and after it the number and the entry of each.
pub(super) fn entries(reply: Value) -> Result<Vec<LogEntry>, BackplaneError> {
    let Value::Array(reply) = reply else { return Err(unexpected()) };
    let mut reply = reply.into_iter();
    let (epoch, mut entries) = (next(&mut reply)?, Vec::new());
    while reply.len() > 0 {
        let number = next(&mut reply)?;
        let mut payload = Bytes::from(next::<Vec<u8>>(&mut reply)?);
        let tags = payload.get(..TAGS).ok_or_else(unexpected)?;
        let (tag, before) = (read_tag(&tags[..8])?, read_tag(&tags[8..])?);
        let position = LogPosition { epoch, number, tag };
        entries.push(LogEntry { position, before, payload: payload.split_off(TAGS) });
    }
    Ok(entries)
}

fn keys(log: &str) -> [String; 2] {
    [log.to_owned(), format!("{log}:entries")]
}

fn known_for(limits: LogLimits) -> u64 {
    milliseconds(limits.age).saturating_add(KNOWN_FOR)
}

fn random() -> Result<u64, BackplaneError> {
    getrandom::u64().map_err(|_| BackplaneError::Refused("no random numbers".to_owned()))
}

fn next<T: FromRedisValue>(reply: &mut std::vec::IntoIter<Value>) -> Result<T, BackplaneError> {
    let next = reply.next().ok_or_else(unexpected)?;
    redis::from_redis_value(next).map_err(|_| unexpected())
}

fn read_tag(tag: &[u8]) -> Result<u32, BackplaneError> {
    let tag = std::str::from_utf8(tag).ok().and_then(|tag| u32::from_str_radix(tag, 16).ok());
    tag.ok_or_else(unexpected)
}
