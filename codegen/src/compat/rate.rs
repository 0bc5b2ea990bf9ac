//! How often a page may call a method, compared.

use hubs::contract::Rate;

use super::rules::{self, Rule};
use crate::emit::rate;

/// The rule, and what has changed; `None` if it is the same. A limit that allows more in all but fewer at once is stricter.
pub(super) fn compare(old: Option<Rate>, new: Option<Rate>) -> Option<(Rule, String)> {
    let rule = match (old, new) {
        (old, new) if old == new => return None,
        (None, _) => rules::RATE_STRICTER,
        (_, None) => rules::RATE_LOOSER,
        (Some(old), Some(new)) => {
            let in_time = |one: Rate, other: Rate| u64::from(one.calls) * u64::from(other.seconds);
            let allows_all = new.calls >= old.calls && in_time(new, old) >= in_time(old, new);
            if allows_all { rules::RATE_LOOSER } else { rules::RATE_STRICTER }
        }
    };
    let text = |limit: Option<Rate>| limit.map_or("as often as a page likes".to_owned(), rate::text);
    Some((rule, format!("was {} and is {}", text(old), text(new))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stricter_and_looser() {
        let rate = |calls, seconds| Some(Rate { calls, seconds });
        for (old, new, expected) in [
            (None, None, None),
            (rate(10, 1), rate(10, 1), None),
            (None, rate(10, 1), Some("rate-stricter")),
            (rate(10, 1), None, Some("rate-looser")),
            (rate(10, 1), rate(5, 1), Some("rate-stricter")),
            (rate(5, 1), rate(10, 1), Some("rate-looser")),
            (rate(10, 1), rate(100, 60), Some("rate-stricter")),
            (rate(100, 60), rate(10, 1), Some("rate-stricter")),
            (rate(10, 60), rate(10, 1), Some("rate-looser")),
        ] {
            assert_eq!(compare(old, new).map(|(rule, _)| rule.name), expected, "{old:?} {new:?}");
        }
        let (_, what) = compare(None, rate(90, 60)).expect("a change");
        assert_eq!(what, "was as often as a page likes and is 90 calls per minute");
    }
}
