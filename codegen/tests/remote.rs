//! `cargo hubs call`, `stream`, `upload` and `listen` against a server on a port.

use std::{
    io::Write as _,
    net::SocketAddr,
    process::{Child, Command, Output, Stdio},
};

use futures_util::{StreamExt as _, stream};
use hubs::{HubCallerContext, HubError, HubResult, HubStream, Hubs, UploadStream, client_interface, hub, hub_type};

#[hub_type]
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("only {left} are left")]
    SoldOut { left: u32 },
}

#[client_interface]
trait LabClient {
    async fn receive(&self, text: String, number: u32) -> HubResult<()>;
}

type Cx = HubCallerContext<LabClientContract>;

#[hub(client = LabClient)]
trait LabHub {
    async fn greet(&self, cx: &Cx, name: String) -> HubResult<String>;
    async fn user(&self, cx: &Cx) -> HubResult<String>;
    async fn shown(&self, cx: &Cx) -> HubResult<()>;
    async fn buy(&self, cx: &Cx, count: u32) -> HubResult<u32, Refused>;
    async fn count(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>>;
    async fn total(&self, cx: &Cx, numbers: UploadStream<u32>) -> HubResult<u32>;
    async fn push(&self, cx: &Cx, count: u32) -> HubResult<()>;
}

struct Lab;

impl LabHub for Lab {
    async fn greet(&self, _: &Cx, name: String) -> HubResult<String> {
        Ok(format!("hello {name}"))
    }

    async fn user(&self, cx: &Cx) -> HubResult<String> {
        let header = |name| cx.request().headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("none");
        Ok(format!("{} {} {}", header("authorization"), header("x-tenant"), cx.transport()))
    }

    async fn shown(&self, _: &Cx) -> HubResult<()> {
        Err(HubError::client("the room is full"))
    }

    async fn buy(&self, _: &Cx, _: u32) -> HubResult<u32, Refused> {
        Err(Refused::SoldOut { left: 3 })
    }

    async fn count(&self, _: &Cx, to: u32) -> HubResult<HubStream<u32>> {
        Ok(HubStream::new(stream::iter(0..to)))
    }

    async fn total(&self, _: &Cx, mut numbers: UploadStream<u32>) -> HubResult<u32> {
        let mut total = 0;
        while let Some(number) = numbers.next().await {
            total += number?;
        }
        Ok(total)
    }

    async fn push(&self, cx: &Cx, count: u32) -> HubResult<()> {
        for number in 0..count {
            cx.clients().caller().receive("it is".to_owned(), number).await?;
        }
        Ok(())
    }
}

async fn serve() -> SocketAddr {
    let hubs = Hubs::new().map("/lab", LabHubContract, Lab);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("it works");
    let address = listener.local_addr().expect("it works");
    tokio::spawn(async move { axum::serve(listener, hubs.router::<()>()).await });
    address
}

fn command(address: SocketAddr, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-hubs"));
    let words = line.split(' ').map(|word| word.replace("URL", &format!("http://{address}/lab")));
    command.args(words).env_remove("HUBS_TOKEN").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the command says, which is on standard output if it ends well.
async fn said(mut command: Command) -> Result<String, String> {
    let child = command.spawn().expect("it works");
    ended(child).await
}

async fn ended(child: Child) -> Result<String, String> {
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(|| child.wait_with_output()).await.expect("no panic").expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it works");
    if status.success() { Ok(text(stdout)) } else { Err(text(stderr)) }
}

async fn ok(address: SocketAddr, line: &str) -> String {
    said(command(address, line)).await.expect("it works")
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_streams_and_pushes_are_a_line_of_json_each_in_a_pipe() {
    let address = serve().await;
    assert_eq!(ok(address, "call URL Greet Ada").await, "\"hello Ada\"\n");
    assert_eq!(ok(address, "call URL greet \"42\" --messagepack --transport polling").await, "\"hello 42\"\n");
    let negative = said(command(address, "call URL Count -1")).await.unwrap_err();
    assert!(negative.contains("Failed to invoke 'Count'"), "a negative number is an argument: {negative}");
    assert_eq!(ok(address, "stream URL Count 3").await, "0\n1\n2\n");
    assert_eq!(ok(address, "stream URL Count 1000000 --take 2").await, "0\n1\n");
    let pushed =
        "{\"arguments\":[\"it is\",0],\"method\":\"Receive\"}\n{\"arguments\":[\"it is\",1],\"method\":\"Receive\"}\n";
    assert_eq!(ok(address, "listen URL Push 5 --take 2").await, pushed);
    let mut upload = command(address, "upload URL Total").stdin(Stdio::piped()).spawn().unwrap();
    upload.stdin.take().unwrap().write_all(b"1\n2\n39\n").unwrap();
    assert_eq!(ended(upload).await.unwrap(), "42\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_come_from_the_environment_or_a_file() {
    let address = serve().await;
    let mut by_variable = command(address, "call URL User --header X-Tenant:blue");
    by_variable.env("HUBS_TOKEN", "from-variable");
    assert_eq!(said(by_variable).await.unwrap(), "\"Bearer from-variable blue WebSockets\"\n");
    let path = std::env::temp_dir().join(format!("hubs-token-{}", std::process::id()));
    std::fs::write(&path, "from-file\n").unwrap();
    let by_file = ok(address, &format!("call URL User --transport sse --token-file {}", path.display())).await;
    std::fs::remove_file(&path).unwrap();
    assert_eq!(by_file, "\"Bearer from-file none ServerSentEvents\"\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_what_the_server_said() {
    let address = serve().await;
    let failure = async |line: &str| said(command(address, line)).await.unwrap_err();
    let shown = failure("call URL Shown").await;
    assert!(shown.starts_with("error: the room is full\nhelp: "), "{shown}");
    let typed = failure("call URL Buy 5").await;
    assert!(typed.starts_with("error: only 3 are left {\"soldOut\":{\"left\":3}}\n"), "{typed}");
    let refused = failure("call http://127.0.0.1:1/lab?access_token=s3cr3t Greet Ada").await;
    assert!(refused.contains("Connection refused") && !refused.contains("s3cr3t"), "{refused}");
    let missing = failure("call URLx Greet Ada").await;
    assert!(missing.contains("status 404"), "{missing}");
}

/// What readline makes of each line, whose last key is Tab, in a bash that has read the script: it is shown and not run.
#[cfg(target_os = "linux")]
fn completed_by_bash(lines: &[&str]) -> Vec<String> {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_cargo-hubs"));
    let path = std::env::join_paths(
        [program.parent().expect("it is in a folder").to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").expect("there is a PATH"))),
    );
    let mut bash = Command::new("script")
        .args(["--quiet", "--return", "--command", "bash --norc -i", "/dev/null"])
        .env("PATH", path.expect("no folder has a colon"))
        .env("TERM", "dumb")
        .env_remove("HISTFILE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Linux has `script`, of util-linux");
    let mut keys = "source <(cargo-hubs completions bash)\n".to_owned();
    for line in lines {
        // To the start of the line, which becomes an `echo`, and to its end.
        keys += &format!("{line}\t\u{1}echo completed: \u{5}\n");
    }
    bash.stdin.take().expect("a pipe").write_all((keys + "exit\n").as_bytes()).expect("bash reads");
    let output = bash.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let found = text.lines().filter_map(|line| line.strip_prefix("completed: "));
    let found: Vec<_> = found.map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(found.len(), lines.len(), "{text}");
    found
}

#[cfg(target_os = "linux")]
#[test]
fn bash_completes_commands_options_and_the_methods_of_a_contract() {
    let folder = std::env::temp_dir().join(format!("hubs-completions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let contract = hubs::contract::contract(env!("CARGO_PKG_NAME")).unwrap();
    let file = folder.join("lab.json");
    std::fs::write(&file, serde_json::to_vec(&contract).unwrap()).unwrap();
    let call = format!("cargo hubs call http://localhost:1/lab --contract {}", file.display());
    let stream = format!("cargo-hubs stream http://localhost:1/lab --contract={}", file.display());
    let cases = [
        ("cargo hubs gen", "cargo hubs generate"),
        ("cargo-hubs call --transp", "cargo-hubs call --transport"),
        ("cargo hubs call --transport po", "cargo hubs call --transport polling"),
        (&*format!("{call} Gr"), &*format!("{call} Greet")),
        (&*format!("{call} Cou"), &*format!("{call} Cou")),
        (&*format!("{stream} Cou"), &*format!("{stream} Count")),
        (&*format!("{call} Greet Gr"), &*format!("{call} Greet Gr")),
        ("cargo hubs call http://localhost:1/lab Gr", "cargo hubs call http://localhost:1/lab Gr"),
    ];
    let completed = completed_by_bash(&cases.map(|(typed, _)| typed));
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(completed, cases.map(|(_, expected)| expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scripts_for_other_shells_ask_for_methods_too() {
    let address = serve().await;
    for shell in ["zsh", "fish"] {
        let script = ok(address, &format!("completions {shell}")).await;
        assert!(script.contains("CARGO_HUBS_METHODS=1 cargo-hubs") && script.contains("doctor"), "{script}");
    }
}
