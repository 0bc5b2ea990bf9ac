//! The programs that make a cluster: found, started, awaited, and ended. Must not know what they are for.

use std::{
    env, fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// How long a program may take to listen, or to end.
const LIMIT: Duration = Duration::from_secs(20);

/// A program that runs until this is dropped.
pub(crate) struct Program {
    name: &'static str,
    child: Child,
}

impl Program {
    /// Starts a program, without its output.
    pub(crate) fn start(name: &'static str, path: &Path, set: impl FnOnce(&mut Command) -> &mut Command) -> Result<Self> {
        let mut command = Command::new(path);
        set(&mut command).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start {}", path.display()))?;
        Ok(Self { name, child })
    }

    /// Waits until it listens on a port of this machine.
    pub(crate) fn listens(mut self, port: u16) -> Result<Self> {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} has ended with {status}", self.name);
            }
            ensure!(begun.elapsed() < LIMIT, "{} does not listen on port {port}", self.name);
            sleep(Duration::from_millis(50));
        }
        Ok(self)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-s", "INT", &self.child.id().to_string()]).stderr(Stdio::null()).status();
        let begun = Instant::now();
        while begun.elapsed() < LIMIT {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The path of a program. Debian has some of them where only root looks, and each version of Postgres in a folder.
pub(crate) fn find(name: &str) -> Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).chain(["/usr/sbin".into()]).collect();
    folders.extend(versions.map(|version| version.path().join("bin")));
    let found = folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    found.with_context(|| format!("no {name}: on Debian, `apt-get install redis-server postgresql haproxy`"))
}

/// A Postgres with a database of its own in `folder`.
pub(crate) fn postgres(folder: &Path, port: u16) -> Result<Program> {
    let own = folder.join("postgres");
    fs::create_dir(&own)?;
    // It refuses to run as root: then it runs as the user that Debian made for it.
    let user = output("id", &["-u"])?;
    let prefix: &[&str] = if user == "0" { &["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] } else { &["env"] };
    if user == "0" {
        output("chown", &["postgres", &own.to_string_lossy()])?;
        output("chmod", &["755", &folder.to_string_lossy()])?;
    }
    let data = own.join("data");
    let made = Command::new(prefix[0])
        .args(&prefix[1..])
        .arg(find("initdb")?)
        .args(["-U", "hubs", "-A", "trust", "-E", "UTF8", "--no-sync", "-D"])
        .arg(&data)
        .current_dir(&own)
        .env("LC_ALL", "C")
        .output()?;
    ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let program = find("postgres")?;
    Program::start("Postgres", Path::new(prefix[0]), |command| {
        command
            .args(&prefix[1..])
            .arg(program)
            .args(["-h", "127.0.0.1", "-F", "-p", &port.to_string(), "-k"])
            .arg(&own)
            .arg("-D")
            .arg(&data)
            .current_dir(&own)
            .env("LC_ALL", "C")
            .stderr(Stdio::null())
    })
}

fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output().with_context(|| format!("cannot start {program}"))?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
