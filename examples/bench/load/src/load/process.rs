//! What the kernel knows of the server, of this process and of a core.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use nix::{time::ClockId, unistd::Pid};

/// A process that is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Seconds that it has run, in user and in kernel mode: the kernel's own count, in nanoseconds.
    pub(crate) fn cpu(self) -> Result<f64> {
        let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(i32::try_from(self.0)?)).context("the server has ended")?;
        Ok(Duration::from(clock.now()?).as_secs_f64())
    }

    /// Seconds in user mode; of 10 ms exactness.
    pub(crate) fn user(self) -> Result<f64> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.0)).context("the server has ended")?;
        let fields = text.rsplit_once(") ").map(|(_, fields)| fields).unwrap_or_default();
        let ticks: f64 = fields.split(' ').nth(11).and_then(|field| field.parse().ok()).context("/proc/PID/stat")?;
        Ok(ticks / TICKS)
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident(self) -> Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0)).context("the server has ended")?;
        let line =
            text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("/proc/PID/status has no VmRSS")?;
        Ok(first_number(line).context("VmRSS is no number")? * 1024)
    }

    /// How many sockets it has open.
    pub(crate) fn sockets(self) -> Result<usize> {
        let files = fs::read_dir(format!("/proc/{}/fd", self.0)).context("the server's open files cannot be listed")?;
        let is_socket = |path: PathBuf| fs::read_link(path).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"));
        Ok(files.flatten().filter(|file| is_socket(file.path())).count())
    }
}

/// Clock ticks a second in `/proc`, the same on every Linux.
const TICKS: f64 = 100.0;

/// Seconds that a core was busy with anything.
pub(crate) fn core_busy(core: u32) -> Result<f64> {
    let text = fs::read_to_string("/proc/stat").context("cannot read /proc/stat")?;
    let name = format!("cpu{core} ");
    let line =
        text.lines().find_map(|line| line.strip_prefix(&name)).with_context(|| format!("there is no core {core}"))?;
    let fields: Vec<f64> = line.split_ascii_whitespace().filter_map(|field| field.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq
    Ok([0, 1, 2, 5, 6].iter().filter_map(|index| fields.get(*index)).sum::<f64>() / TICKS)
}

fn first_number(text: &str) -> Option<u64> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Process, core_busy};

    #[test]
    fn this_process_uses_memory_time_and_sockets() {
        let own = Process(std::process::id());
        let before = own.cpu().expect("readable");
        while own.cpu().expect("readable") <= before {
            std::hint::black_box(vec![1_u8; 1 << 16]);
        }
        assert!(own.user().expect("readable") >= 0.0);
        assert!(own.resident().expect("readable") > 100_000);
        let before = own.sockets().expect("readable");
        let _listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        assert!(own.sockets().expect("readable") > before);
        assert!(core_busy(0).expect("readable") > 0.0);
    }
}
