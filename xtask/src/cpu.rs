//! Processor time, which tells what a step costs also on a machine that does other work meanwhile.

use std::{fs, time::Duration};

/// The unit of `/proc`, the same on every Linux.
const TICKS_A_SECOND: u64 = 100;

/// Processor time of all programs that this one has started and waited for, those they have started included. `None`
/// where there is no `/proc`.
pub(crate) fn of_children() -> Option<Duration> {
    parse(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Adds `cutime` and `cstime`, the 16th and the 17th field. The 2nd, in brackets, may contain spaces.
fn parse(stat: &str) -> Option<Duration> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(16)? + ticks(17)?) * 1000 / TICKS_A_SECOND))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::parse;

    #[test]
    fn user_and_system_time_of_children_are_added() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 100 0 0 0 11 22 150 50 20 0 1 0 5 100 10";
        assert_eq!(parse(stat), Some(Duration::from_secs(2)));
        assert_eq!(parse("nonsense"), None);
    }
}
