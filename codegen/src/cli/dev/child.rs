//! A program that runs beside others: in a process group of its own, each line of its output labelled, and ended with
//! everything that it started.

use std::{
    io::{BufRead as _, BufReader, Read},
    process::{self, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use hubs_codegen::Error;

use super::Stop;

/// How long a program may take to end by itself after it was asked to.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often to look whether it has.
const PAUSE: Duration = Duration::from_millis(20);

/// What is done with each line of output.
type Line = dyn Fn(&str) + Send + Sync;

/// A running program. Dropped, it ends, and so does everything that it started.
pub(crate) struct Child {
    name: String,
    process: process::Child,
    /// The first address that it printed.
    address: Arc<Mutex<Option<String>>>,
    readers: Vec<thread::JoinHandle<()>>,
}

impl Child {
    /// Starts a program; its output is printed behind `label`.
    pub(crate) fn labelled(command: Command, label: &'static str) -> Result<Self, Error> {
        Self::start(command, Arc::new(move |line: &str| println!("{label:>6} | {line}")))
    }

    /// Runs a program to its end and returns how it ended, with its standard output and its standard error. `None` if
    /// it was stopped.
    pub(crate) fn output(mut command: Command, stop: &Stop) -> Result<Option<(ExitStatus, String, String)>, Error> {
        let name = name(&command);
        let texts = [Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(String::new()))];
        let mut process = spawn(&mut command)?;
        let keep = |text: &Arc<Mutex<String>>| {
            let text = Arc::clone(text);
            Arc::new(move |line: &str| {
                let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(line);
                text.push('\n');
            })
        };
        let (out, err) = (process.stdout.take(), process.stderr.take());
        let readers = [out.map(|out| read(out, keep(&texts[0]))), err.map(|err| read(err, keep(&texts[1])))];
        let readers = readers.into_iter().flatten().collect();
        let mut child = Self { name, process, address: Arc::default(), readers };
        let Some(status) = child.wait(stop)? else { return Ok(None) };
        let [out, err] = texts.map(|text| std::mem::take(&mut *text.lock().unwrap_or_else(PoisonError::into_inner)));
        Ok(Some((status, out, err)))
    }

    fn start(mut command: Command, line: Arc<Line>) -> Result<Self, Error> {
        let name = name(&command);
        let mut process = spawn(&mut command)?;
        let address = Arc::new(Mutex::new(None));
        let found = Arc::clone(&address);
        let line: Arc<Line> = Arc::new(move |text: &str| {
            let mut known = found.lock().unwrap_or_else(PoisonError::into_inner);
            if known.is_none() {
                *known = address_in(text);
            }
            drop(known);
            line(text);
        });
        let (out, err) = (process.stdout.take(), process.stderr.take());
        let readers = [out.map(|out| read(out, Arc::clone(&line))), err.map(|err| read(err, line))];
        Ok(Self { name, process, address, readers: readers.into_iter().flatten().collect() })
    }

    /// The first address that it printed.
    pub(crate) fn address(&self) -> Option<String> {
        self.address.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        self.process.try_wait().map_err(io("wait for", &self.name))
    }

    /// Waits until it ends and all of its output is read. `None` if it was stopped first.
    pub(crate) fn wait(&mut self, stop: &Stop) -> Result<Option<ExitStatus>, Error> {
        loop {
            if stop.is_set() {
                return Ok(None);
            }
            if let Some(status) = self.ended()? {
                self.readers.drain(..).for_each(|reader| _ = reader.join());
                return Ok(Some(status));
            }
            thread::park_timeout(PAUSE);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        group::terminate(&self.process);
        let mut waited = Duration::ZERO;
        while waited < PATIENCE && matches!(self.process.try_wait(), Ok(None)) {
            thread::park_timeout(PAUSE);
            waited += PAUSE;
        }
        // What it started may be there although it has ended itself.
        group::kill(&mut self.process);
        let _ = self.process.wait();
        self.readers.drain(..).for_each(|reader| _ = reader.join());
    }
}

fn io(what: &'static str, name: &str) -> impl FnOnce(std::io::Error) -> Error {
    let path = name.into();
    move |source| Error::Io { what, path, source }
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn spawn(command: &mut Command) -> Result<process::Child, Error> {
    group::own(command);
    // Open as long as this process runs: a dev server that finds it closed ends, too.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(io("run", &name(command)))
}

fn read(output: impl Read + Send + 'static, line: Arc<dyn Fn(&str) + Send + Sync>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for text in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            line(String::from_utf8_lossy(&text).trim_end());
        }
    })
}

/// The address in a line such as `Local: http://localhost:5173/`.
fn address_in(line: &str) -> Option<String> {
    let plain = anstream::adapter::strip_str(line).to_string();
    let start = plain.find("http://")?;
    let address = plain[start..].split_whitespace().next()?;
    Some(address.to_owned())
}

#[cfg(unix)]
mod group {
    use std::{
        os::unix::process::CommandExt as _,
        process::{Child, Command},
    };

    use nix::{
        sys::signal::{Signal, killpg},
        unistd::Pid,
    };

    /// The program leads a group, which everything that it starts belongs to.
    pub(super) fn own(command: &mut Command) {
        command.process_group(0);
    }

    pub(super) fn terminate(child: &Child) {
        send(child, Signal::SIGTERM);
    }

    pub(super) fn kill(child: &mut Child) {
        send(child, Signal::SIGKILL);
    }

    fn send(child: &Child, signal: Signal) {
        if let Ok(id) = i32::try_from(child.id()) {
            // It fails if the whole group has ended, which is what is wanted.
            let _ = killpg(Pid::from_raw(id), signal);
        }
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::{Child, Command, Stdio};

    pub(super) fn own(_: &mut Command) {}

    /// Windows has no signals: the program and what it started end at once.
    pub(super) fn terminate(child: &Child) {
        let mut command = Command::new("taskkill");
        command.args(["/T", "/F", "/PID", &child.id().to_string()]);
        let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }

    pub(super) fn kill(child: &mut Child) {
        let _ = child.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::address_in;

    #[test]
    fn an_address_is_found_between_colours() {
        let line = "  \u{1b}[32m➜\u{1b}[39m  Local:   \u{1b}[36mhttp://localhost:5173/\u{1b}[39m";
        assert_eq!(address_in(line).as_deref(), Some("http://localhost:5173/"));
        assert_eq!(address_in("no address"), None);
    }
}
