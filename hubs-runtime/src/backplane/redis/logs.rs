//! Logs as a stream and a hash each: the entries, whose ids are their numbers, and what is known of the log beside them.
//! Must not know connections.

use bytes::Bytes;
use redis::{Cmd, FromRedisValue, Value};

use super::{
    Appended, BackplaneError, LogKey, LogLimits, LogPosition, LogRead,
    leases::{eval, milliseconds},
    unexpected,
};
use crate::backplane::{Gap, LogEntry};

/// How much longer than its entries a log itself is known, in milliseconds.
const KNOWN_FOR: u64 = 24 * 60 * 60 * 1000;

/// What all scripts begin with. A log that is begun takes over no entries of one that was lost.
const COMMON: &str = "\
local log, entries = KEYS[1], KEYS[2]
local function begin(epoch, known)
  if redis.call('HSETNX', log, 'epoch', epoch) == 1 then redis.call('DEL', entries) end
  redis.call('PEXPIRE', log, known)
  return redis.call('HGET', log, 'epoch')
end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function number(entry) return tonumber(string.match(entry[1], '^%d+')) end
-- Removes entries from the start: those that are too old, and those that `exceeds` says.
local function trim(age, exceeds)
  local oldest = now() - age
  while true do
    local first = redis.call('XRANGE', entries, '-', '+', 'COUNT', 1)[1]
    if not first or (tonumber(first[2][6]) > oldest and not exceeds(number(first))) then return end
    redis.call('XDEL', entries, first[1])
    redis.call('HINCRBY', log, 'bytes', -#first[2][8])
  end
end
-- Those that are not too old. They may still be there, since reading removes nothing.
local function young(all)
  local oldest, found = now() - tonumber(redis.call('HGET', log, 'age') or '0'), {}
  for _, entry in ipairs(all) do
    if tonumber(entry[2][6]) > oldest then table.insert(found, entry) end
  end
  return found
end
-- Entries as they are sent: number, tag, tag before, payload.
local function add(found, all)
  for _, entry in ipairs(all) do
    for _, field in ipairs({tostring(number(entry)), entry[2][2], entry[2][4], entry[2][8]}) do
      table.insert(found, field)
    end
  end
  return found
end
";

const APPEND: &str = "\
local seen, payload, tag = KEYS[3], ARGV[2], ARGV[3]
local most, bytes, age = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local epoch = begin(ARGV[1], ARGV[7])
if seen then
  local first = redis.call('HMGET', seen, 'epoch', 'number', 'tag', 'before')
  if first[1] == epoch then return first end
end
local before = redis.call('HGET', log, 'tag') or '00000000'
redis.call('HSET', log, 'tag', tag, 'age', age)
if redis.call('EXISTS', entries) == 0 then redis.call('HSET', log, 'bytes', 0) end
local last = redis.call('HINCRBY', log, 'last', 1)
redis.call('XADD', entries, last .. '-0', 'tag', tag, 'before', before, 'at', string.format('%.0f', now()), 'payload', payload)
redis.call('HINCRBY', log, 'bytes', #payload)
trim(age, function(first)
  return first < last and (last - first + 1 > most or tonumber(redis.call('HGET', log, 'bytes')) > bytes)
end)
redis.call('PEXPIRE', entries, age)
if seen then
  redis.call('HSET', seen, 'epoch', epoch, 'number', last, 'tag', tag, 'before', before)
  redis.call('PEXPIRE', seen, ARGV[8])
end
return {epoch, tostring(last), tag, before}";

const END: &str = "\
begin(ARGV[1], ARGV[2])
local known = redis.call('HMGET', log, 'epoch', 'last', 'tag')
return {known[1], known[2] or '0', known[3] or '00000000'}";

const READ: &str = "\
local known = redis.call('HMGET', log, 'epoch', 'last', 'tag')
local after, last = tonumber(ARGV[3]), tonumber(known[2] or '0')
if not known[1] or ARGV[2] ~= known[1] then return {'epoch'} end
if after > last then return {'diverged'} end
if after == last then return (known[3] or '00000000') == ARGV[4] and {'entries', known[1]} or {'diverged'} end
local all = young(redis.call('XRANGE', entries, (after + 1) .. '-0', '+', 'COUNT', ARGV[1]))
if not all[1] or number(all[1]) > after + 1 then return {'trimmed'} end
if all[1][2][4] ~= ARGV[4] then return {'diverged'} end
return add({'entries', known[1]}, all)";

const LATEST: &str = "\
local all = young(redis.call('XREVRANGE', entries, '+', '-', 'COUNT', ARGV[1]))
local found = {}
for at = #all, 1, -1 do table.insert(found, all[at]) end
return add({redis.call('HGET', log, 'epoch') or '0'}, found)";

/// Adds an entry. The reply is read with [`appended`].
pub(super) fn append(
    log: &str,
    entry: &Bytes,
    key: Option<LogKey<'_>>,
    limits: LogLimits,
) -> Result<Cmd, BackplaneError> {
    let mut keys = keys(log).to_vec();
    keys.extend(key.map(|key| format!("{log}:key:{}", key.text)));
    let mut cmd = script(APPEND, &keys);
    cmd.arg(random()?).arg(&entry[..]).arg(format!("{:08x}", random()? as u32));
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
    let mut cmd = script(END, &keys(log));
    cmd.arg(random()?).arg(known_for(limits));
    Ok(cmd)
}

pub(super) fn position(reply: Value) -> Result<LogPosition, BackplaneError> {
    let (epoch, number, tag): (u64, u64, String) = redis::from_redis_value(reply).map_err(|_| unexpected())?;
    Ok(LogPosition { epoch, number, tag: read_tag(tag.as_bytes())? })
}

/// Reads entries. The reply is read with [`read_reply`].
pub(super) fn read(log: &str, after: LogPosition, count: usize) -> Cmd {
    let mut cmd = script(READ, &keys(log));
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
    let mut cmd = script(LATEST, &keys(log));
    cmd.arg(count);
    cmd
}

/// The epoch, and after it the number, the tags and the payload of each.
pub(super) fn entries(reply: Value) -> Result<Vec<LogEntry>, BackplaneError> {
    let Value::Array(reply) = reply else { return Err(unexpected()) };
    let mut reply = reply.into_iter();
    let (epoch, mut entries) = (next(&mut reply)?, Vec::new());
    while reply.len() > 0 {
        let number = next(&mut reply)?;
        let (tag, before) = (next_tag(&mut reply)?, next_tag(&mut reply)?);
        let position = LogPosition { epoch, number, tag };
        entries.push(LogEntry { position, before, payload: next::<Vec<u8>>(&mut reply)?.into() });
    }
    Ok(entries)
}

/// A script about a log, with its keys; its arguments follow.
fn script(script: &str, keys: &[String]) -> Cmd {
    eval(&format!("{COMMON}{script}"), keys)
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

fn next_tag(reply: &mut std::vec::IntoIter<Value>) -> Result<u32, BackplaneError> {
    read_tag(next::<String>(reply)?.as_bytes())
}

fn read_tag(tag: &[u8]) -> Result<u32, BackplaneError> {
    let tag = std::str::from_utf8(tag).ok().and_then(|tag| u32::from_str_radix(tag, 16).ok());
    tag.ok_or_else(unexpected)
}
