//! What the system lets this process have: open files and memory, and how much memory it uses. Read from `/proc` and
//! `/sys/fs/cgroup`; where they are not there, as on other systems than Linux, nothing is known. Must not know hubs.

use std::{fs, path::Path, sync::LazyLock, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

/// How long a reading of the memory in use is good for.
const INTERVAL: Duration = Duration::from_millis(100);
/// Larger limits of memory are none: version 1 of control groups has a number for it.
const NONE: usize = 1 << 60;
/// Files for other things than connections, at least.
const RESERVE: usize = 64;

/// How many connections the limit of open files leaves room for: a tenth of it, and at least 64, is for the rest.
pub(super) fn connections() -> Option<usize> {
    static FILES: LazyLock<Option<usize>> =
        LazyLock::new(|| open_files(&fs::read_to_string("/proc/self/limits").ok()?));
    FILES.map(|files| files - RESERVE.max(files / 10).min(files / 2))
}

/// Nine tenths of the memory that the control group of the process may use.
pub(super) fn memory() -> Option<usize> {
    static MEMORY: LazyLock<Option<usize>> =
        LazyLock::new(|| group_memory(Path::new("/sys/fs/cgroup"), &fs::read_to_string("/proc/self/cgroup").ok()?));
    MEMORY.map(|memory| memory / 10 * 9)
}

/// The resident memory of the process in bytes, as it was within the last tenth of a second.
pub(super) fn resident() -> Option<usize> {
    static READ: Mutex<Option<(Instant, Option<usize>)>> = Mutex::new(None);
    let mut read = READ.lock();
    match *read {
        Some((when, resident)) if when.elapsed() < INTERVAL => resident,
        _ => {
            let now = fs::read_to_string("/proc/self/status").ok().and_then(|status| resident_in(&status));
            *read = Some((Instant::now(), now));
            now
        }
    }
}

/// The soft limit.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn resident_in(status: &str) -> Option<usize> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: usize = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// The smallest limit of the group and of those above it. `membership` is `/proc/self/cgroup`, of either version.
fn group_memory(root: &Path, membership: &str) -> Option<usize> {
    let limits = membership.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, group) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (folder, file) = match controllers {
            "" => (root.to_owned(), "memory.max"),
            named if named.split(',').any(|name| name == "memory") => (root.join("memory"), "memory.limit_in_bytes"),
            _ => return Vec::new(),
        };
        // A container may see its group at the root, under another path than this.
        let groups = Path::new(group.trim_start_matches('/')).ancestors();
        let read = |group: &Path| fs::read_to_string(folder.join(group).join(file)).ok()?.trim().parse().ok();
        groups.filter_map(read).collect()
    });
    limits.filter(|limit| *limit < NONE).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_says_is_read() {
        let limits = "Limit    Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(open_files(&limits.replace("1024 ", "unlimited ")), None);
        assert_eq!(resident_in("Name:\tserver\nVmRSS:\t    2048 kB\nRssAnon:\t 1 kB\n"), Some(2 << 20));
        assert_eq!((open_files(""), resident_in("")), (None, None));
        #[cfg(target_os = "linux")]
        assert!(connections().is_some() && resident().is_some_and(|bytes| bytes > 1 << 20));
    }

    #[test]
    fn the_smallest_limit_of_the_groups_counts() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let read = |membership: &str| group_memory(root.path(), membership);
        assert_eq!(read("0::/pod/server\n"), None, "there are no files");
        write("pod/server/memory.max", "max\n");
        assert_eq!(read("0::/pod/server\n"), None);
        write("pod/memory.max", "536870912\n");
        assert_eq!(read("0::/pod/server\n"), Some(512 << 20));
        write("pod/server/memory.max", "268435456\n");
        assert_eq!(read("0::/pod/server\n"), Some(256 << 20));
        write("memory.max", "134217728\n");
        assert_eq!(read("0::/\n"), Some(128 << 20), "as a container sees it");
        let first = "12:pids:/docker/a\n4:cpu,memory:/docker/a\n";
        write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(read(first), None, "version 1 without a limit");
        write("memory/memory.limit_in_bytes", "67108864\n");
        assert_eq!(read(first), Some(64 << 20), "the group's own path is not there");
    }
}
