//! How often a method may be called, in words.

use hubs::contract::Rate;

/// `10 calls per second`.
pub(crate) fn text(Rate { calls, seconds }: Rate) -> String {
    let unit = match seconds {
        1 => "second".to_owned(),
        60 => "minute".to_owned(),
        3_600 => "hour".to_owned(),
        seconds => format!("{seconds} seconds"),
    };
    format!("{calls} {} per {unit}", if calls == 1 { "call" } else { "calls" })
}
