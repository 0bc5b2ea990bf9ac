//! Logs as two hashes each: what is known of the log, and its entries by number. Must not know connections.

use bytes::Bytes;
use redis::{Cmd, FromRedisValue, Value};

use super::{
    BackplaneError, LogLimits, LogPosition, LogRead,
    leases::{eval, milliseconds},
    unexpected,
};
use crate::backplane::{Gap, LogEntry};

/// An entry is its tag, in eight hexadecimal digits, and its payload.
const APPEND: &str = "\
local log, entries, seen = KEYS[1], KEYS[2], KEYS[3]
local payload, epoch, tag = ARGV[1], ARGV[2], ARGV[3]
local most, bytes, age = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
epoch = redis.call('HGET', log, 'epoch') or epoch
if seen then
  local first = redis.call('HMGET', seen, 'epoch', 'number', 'tag')
  if first[1] == epoch then return first end
end
redis.call('HSET', log, 'epoch', epoch)
local last = redis.call('HINCRBY', log, 'last', 1)
redis.call('HSET', entries, last, tag .. payload)
local size = redis.call('HINCRBY', log, 'bytes', #payload)
local first = tonumber(redis.call('HGET', log, 'first') or '1')
while first < last and (last - first + 1 > most or size > bytes) do
  size = redis.call('HINCRBY', log, 'bytes', 8 - redis.call('HSTRLEN', entries, first))
  redis.call('HDEL', entries, first)
  first = first + 1
end
redis.call('HSET', log, 'first', first)
redis.call('PEXPIRE', log, age)
redis.call('PEXPIRE', entries, age)
if seen then
  redis.call('HSET', seen, 'epoch', epoch, 'number', last, 'tag', tag)
  redis.call('PEXPIRE', seen, age)
end
return {epoch, tostring(last), tag}";

const READ: &str = "\
local log, entries = KEYS[1], KEYS[2]
local known = redis.call('HMGET', log, 'epoch', 'last', 'first')
if not known[1] then
  if ARGV[2] then return {'epoch'} end
  return {'entries', '0'}
end
local last, first = tonumber(known[2]), tonumber(known[3])
local from = first
if ARGV[2] then
  local after = tonumber(ARGV[3])
  if ARGV[2] ~= known[1] then return {'epoch'} end
  if after + 1 < first then return {'trimmed'} end
  local entry = redis.call('HGET', entries, ARGV[3])
  if after > last or (entry and string.sub(entry, 1, 8) ~= ARGV[4]) then return {'diverged'} end
  from = after + 1
end
local found = {'entries', known[1]}
for number = from, math.min(last, from + tonumber(ARGV[1]) - 1) do
  table.insert(found, tostring(number))
  table.insert(found, redis.call('HGET', entries, number))
end
return found";

/// Adds an entry. The reply is read with [`position`].
pub(super) fn append(log: &str, entry: &Bytes, key: Option<&str>, limits: LogLimits) -> Result<Cmd, BackplaneError> {
    let random = || getrandom::u64().map_err(|_| BackplaneError::Refused("no random numbers".to_owned()));
    let mut keys = vec![log.to_owned(), format!("{log}:entries")];
    keys.extend(key.map(|key| format!("{log}:key:{key}")));
    let mut cmd = eval(APPEND, &keys);
    cmd.arg(&entry[..]).arg(random()?).arg(format!("{:08x}", random()? as u32));
    cmd.arg(limits.entries).arg(limits.bytes).arg(milliseconds(limits.age));
    Ok(cmd)
}

pub(super) fn position(reply: Value) -> Result<LogPosition, BackplaneError> {
    let (epoch, number, tag): (u64, u64, String) = redis::from_redis_value(reply).map_err(|_| unexpected())?;
    Ok(LogPosition { epoch, number, tag: read_tag(tag.as_bytes())? })
}

/// Reads entries. The reply is read with [`entries`].
pub(super) fn read(log: &str, after: Option<LogPosition>, count: usize) -> Cmd {
    let mut cmd = eval(READ, &[log.to_owned(), format!("{log}:entries")]);
    cmd.arg(count);
    if let Some(after) = after {
        cmd.arg(after.epoch).arg(after.number).arg(format!("{:08x}", after.tag));
    }
    cmd
}

pub(super) fn entries(reply: Value) -> Result<LogRead, BackplaneError> {
    let Value::Array(reply) = reply else { return Err(unexpected()) };
    let mut reply = reply.into_iter();
    let kind: String = next(&mut reply)?;
    match kind.as_str() {
        "epoch" => return Ok(LogRead::Gap(Gap::Epoch)),
        "trimmed" => return Ok(LogRead::Gap(Gap::Trimmed)),
        "diverged" => return Ok(LogRead::Gap(Gap::Diverged)),
        _ => {}
    }
    let (epoch, mut entries) = (next(&mut reply)?, Vec::new());
    while reply.len() > 0 {
        let number = next(&mut reply)?;
        let mut payload = Bytes::from(next::<Vec<u8>>(&mut reply)?);
        let tag = read_tag(payload.get(..8).ok_or_else(unexpected)?)?;
        let position = LogPosition { epoch, number, tag };
        entries.push(LogEntry { position, payload: payload.split_off(8) });
    }
    Ok(LogRead::Entries(entries))
}

fn next<T: FromRedisValue>(reply: &mut std::vec::IntoIter<Value>) -> Result<T, BackplaneError> {
    let next = reply.next().ok_or_else(unexpected)?;
    redis::from_redis_value(next).map_err(|_| unexpected())
}

fn read_tag(tag: &[u8]) -> Result<u32, BackplaneError> {
    let tag = std::str::from_utf8(tag).ok().and_then(|tag| u32::from_str_radix(tag, 16).ok());
    tag.ok_or_else(unexpected)
}
