//! A real `relais` process on a data folder of its own, on a port of its own, that ends with the value.

use crate::socket::Socket;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// Attempts, [`PAUSE`] apart, to see what a process must come to.
const PATIENCE: u32 = 3_000;
/// Between two looks at a process.
const PAUSE: Duration = Duration::from_millis(10);

/// One house: its folder outlives its process, so that it can be killed and started again.
pub struct House {
    folder: TempDir,
    data: PathBuf,
    arguments: Vec<String>,
    child: Option<Child>,
    lives: u32,
    /// Where it listens.
    pub address: SocketAddr,
}

impl House {
    /// `relais --demo` as it ships.
    pub fn demo() -> House {
        House::started(TempDir::new().expect("a temporary folder"), &["--demo"])
    }

    /// The same, with its data in a folder of somebody's own.
    pub fn demo_in(data: &Path) -> House {
        let mut house = House::planned(TempDir::new().expect("a temporary folder"), data, &["--demo"]);
        house.start();
        house
    }

    /// A house of somebody's own configuration, as `relais serve --config` runs it.
    pub fn of(configuration: &Path) -> House {
        let file = configuration.display().to_string();
        House::started(TempDir::new().expect("a temporary folder"), &["--config", &file])
    }

    /// The demo with something added to its configuration, and its texts changed.
    pub fn with(added: &str, changes: &[(&str, &str)]) -> House {
        House::with_data(added, changes, |_| {})
    }

    /// The same, with something more on its command line.
    pub fn with_arguments(added: &str, more: &[&str]) -> House {
        House::made(added, &[], |_| {}, more)
    }

    /// The same, on a data folder that has something in it.
    pub fn with_data(added: &str, changes: &[(&str, &str)], fill: impl FnOnce(&Path)) -> House {
        House::made(added, changes, fill, &[])
    }

    fn made(added: &str, changes: &[(&str, &str)], fill: impl FnOnce(&Path), more: &[&str]) -> House {
        let folder = TempDir::new().expect("a temporary folder");
        let mut text = fs::read_to_string(shipped().join("demo.toml")).expect("the demo's configuration");
        for (old, new) in changes {
            assert!(text.contains(old), "{old:?} is not in the demo's configuration");
            text = text.replace(old, new);
        }
        fill(&folder.path().join("data"));
        let file = configuration(folder.path(), &format!("{text}\n{added}\n"));
        let file = file.display().to_string();
        House::started(folder, &[&["--demo", "--config", &file], more].concat())
    }

    fn started(folder: TempDir, more: &[&str]) -> House {
        let data = folder.path().join("data");
        let mut house = House::planned(folder, &data, more);
        house.start();
        house
    }

    fn planned(folder: TempDir, data: &Path, more: &[&str]) -> House {
        let mut arguments: Vec<String> = more.iter().map(|&word| word.to_owned()).collect();
        arguments.extend(["--listen".into(), "127.0.0.1:0".into()]);
        arguments.extend(["--data".into(), data.display().to_string()]);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        House { folder, data: data.to_path_buf(), arguments, child: None, lives: 0, address }
    }

    /// Starts it (again), on a fresh port, and waits until it says where it listens.
    pub fn start(&mut self) {
        if let Err(why) = self.try_start() {
            panic!("{why}");
        }
    }

    /// The same, where it may not start.
    ///
    /// # Errors
    /// What it told before it ended.
    pub fn try_start(&mut self) -> Result<(), String> {
        assert!(self.child.is_none(), "it runs already");
        self.lives += 1;
        self.child = Some(self.spawned());
        for _ in 0..PATIENCE {
            let told = self.told();
            let address = told.split("listening on http://").nth(1).and_then(|rest| {
                let (address, _) = rest.split_once(' ')?;
                address.parse().ok()
            });
            if let Some(address) = address {
                self.address = address;
                return Ok(());
            }
            if let Some(child) = &mut self.child
                && let Ok(Some(status)) = child.try_wait()
            {
                self.child = None;
                return Err(format!("it ended with {status}: {}", self.told()));
            }
            sleep(PAUSE);
        }
        panic!("it does not listen: {}", self.told());
    }

    fn spawned(&self) -> Child {
        let told = File::create(self.told_file()).expect("a file for what it tells");
        Command::new(binary())
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(told)
            .spawn()
            .expect("the binary starts")
    }

    /// Starts it, and ends it without warning after this time, wherever it is. Whether it was still running.
    pub fn start_and_kill(&mut self, after: Duration) -> bool {
        self.lives += 1;
        let mut child = self.spawned();
        sleep(after);
        let running = matches!(child.try_wait(), Ok(None));
        let _ = child.kill();
        child.wait().expect("our own child");
        running
    }

    /// Waits until this life of it has told this on stderr.
    pub async fn until_told(&self, words: &str) {
        for _ in 0..PATIENCE {
            if self.told().contains(words) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("it never told {words:?}, but {}", self.told());
    }

    fn told_file(&self) -> PathBuf {
        self.folder.path().join(format!("told.{}", self.lives))
    }

    /// What this life of it has told on stderr so far.
    pub fn told(&self) -> String {
        fs::read_to_string(self.told_file()).unwrap_or_default()
    }

    /// The folder that it keeps everything in.
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// Its configuration, where [`House::with`] has written one.
    pub fn configuration(&self) -> PathBuf {
        self.folder.path().join("relais.toml")
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Ends it without warning.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("our own child");
            child.wait().expect("our own child");
        }
    }

    /// Asks it to end, without waiting for it.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Asks it to read its files again.
    pub fn hang_up(&self) {
        self.signal("HUP");
    }

    fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let asked = Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "kill", name, &pid]).status();
        assert!(asked.expect("a shell").success());
    }

    /// Waits until it has ended by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        for _ in 0..PATIENCE {
            if let Some(status) = child.try_wait().expect("our own child") {
                return status;
            }
            sleep(PAUSE);
        }
        self.child = Some(child);
        panic!("it does not end: {}", self.told());
    }

    /// A token for somebody, made beside the running server.
    pub fn token(&self, name: &str) -> String {
        let data = self.data().display().to_string();
        let output = relais(&["user", "token", name, "--data", &data]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a token is ASCII").trim().to_owned()
    }

    /// A customer who has been welcomed, with the welcome.
    pub async fn customer(&self, lang: &str) -> (Socket, Value) {
        self.customer_with(json!({ "lang": lang })).await
    }

    /// The same, with other fields in `hello`.
    pub async fn customer_with(&self, fields: Value) -> (Socket, Value) {
        Socket::customer(self.address, fields).await
    }

    /// An advisor who has been welcomed, with the welcome.
    pub async fn advisor(&self, name: &str, lang: &str) -> (Socket, Value) {
        let token = self.token(name);
        self.advisor_by(&token, lang).await
    }

    /// The same, by a token made before.
    pub async fn advisor_by(&self, token: &str, lang: &str) -> (Socket, Value) {
        Socket::advisor(self.address, token, lang).await
    }

    /// A customer whom an advisor has: the customer's socket, the conversation, the advisor's.
    pub async fn handled_by(&self, name: &str) -> (Socket, Value, Socket) {
        let mut advisor = self.available(name, "fr").await;
        let (mut customer, welcome) = self.customer("fr").await;
        customer.done(json!({ "type": "human", "cid": "h" })).await;
        let offer = advisor.the("offer").await;
        assert_eq!(offer["conversation"], welcome["conversation"]);
        advisor.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
        customer.owner("advisor").await;
        (customer, welcome, advisor)
    }

    /// An advisor who takes offers.
    pub async fn available(&self, name: &str, lang: &str) -> Socket {
        let (mut socket, _) = self.advisor(name, lang).await;
        socket.present("available").await;
        socket
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            let told: String = self.told().chars().take(4_000).collect();
            eprintln!("what the server told:\n{told}");
        }
    }
}

/// Runs a verb of the binary to its end.
pub fn relais(arguments: &[&str]) -> Output {
    relais_with(arguments, &[])
}

/// The same, with something more in its environment.
pub fn relais_with(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).envs(variables.iter().copied()).stdin(Stdio::null());
    command.output().expect("the binary runs")
}

/// Writes a configuration into a folder, with the shipped bots beside it.
pub fn configuration(folder: &Path, text: &str) -> PathBuf {
    let bots = folder.join("bots");
    fs::create_dir_all(&bots).expect("a folder");
    for name in ["shop.toml", "telecom.toml"] {
        fs::copy(shipped().join("bots").join(name), bots.join(name)).expect("the shipped bots");
    }
    let file = folder.join("relais.toml");
    fs::write(&file, text).expect("a file");
    file
}

/// The shipped configuration.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config")
}

/// The program: `RELAIS_BIN`, else the one beside this test, else it is built, once.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(named) = std::env::var_os("RELAIS_BIN") {
            return named.into();
        }
        // A test is …/target/<profile>/deps/journeys-0123, a program …/target/<profile>/soak.
        let own = std::env::current_exe().expect("a test is a file");
        let folder = own.parent().expect("a file is in a folder");
        let profile =
            if folder.ends_with("deps") { folder.parent().expect("target/<profile>") } else { folder };
        let beside = profile.join("relais");
        if !beside.exists() {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--package", "server", "--target-dir"]);
            build.arg(profile.parent().expect("target"));
            if profile.ends_with("release") {
                build.arg("--release");
            }
            let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
            assert!(built.success(), "the server does not build");
        }
        beside
    })
}
