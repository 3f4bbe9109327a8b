//! What the tests share: directories, runs of the binary, a Dokploy on loopback.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use dokploy_sim::{Settings, Sim};

/// The binary under test.
pub(crate) const BIN: &str = env!("CARGO_BIN_EXE_dokplan");

/// A path in the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// A file of the repository.
pub(crate) fn text(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()))
}

/// A directory of a run, removed in the end. Its path is as long as those of the recordings, so that texts that hold
/// it wrap where they did.
pub(crate) struct Dir(tempfile::TempDir);

impl Dir {
    pub(crate) fn new() -> Dir {
        let dir = tempfile::Builder::new()
            .prefix("dpc-")
            .rand_bytes(8)
            .tempdir_in("/tmp");
        Dir(dir.unwrap())
    }

    /// With these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Dir {
        let dir = Dir::new();
        for (path, text) in files {
            dir.write(path, text);
        }
        dir
    }

    /// A copy of a directory of the repository.
    pub(crate) fn copy_of(path: &str) -> Dir {
        let dir = Dir::new();
        copy(&repository(path), dir.path());
        // Somebody may have tried the example where it is, as the README says: that is not part of it.
        for left in [".dokplan", ".terraform", "terraform.tfstate.history"] {
            _ = std::fs::remove_dir_all(dir.join(left));
        }
        for left in [
            "terraform.tfstate",
            "terraform.tfstate.backup",
            "terraform.tfstate.journal",
        ] {
            _ = std::fs::remove_file(dir.join(left));
        }
        dir
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        private(&path);
    }

    pub(crate) fn read(&self, path: &str) -> String {
        text(self.join(path))
    }

    /// A run of the binary in this directory.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::new(self.path(), args)
    }
}

/// Only the owner reads a file, as it should be with states and values of variables: others make a warning.
pub(crate) fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    let only_owner = std::fs::Permissions::from_mode(mode & 0o700);
    std::fs::set_permissions(path, only_owner).unwrap();
}

/// Copies what is in a directory into another.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
            private(&target);
        }
    }
}

/// A run of the binary that has not started yet.
pub(crate) struct Run {
    command: Command,
    stdin: String,
}

impl Run {
    /// With none of the variables of whoever runs the tests, as the cases were recorded.
    pub(crate) fn new(cwd: &Path, args: &[impl AsRef<OsStr>]) -> Run {
        Run::of(BIN, cwd, args)
    }

    /// The same of another program.
    pub(crate) fn of(program: &str, cwd: &Path, args: &[impl AsRef<OsStr>]) -> Run {
        let mut command = Command::new(program);
        command.args(args).current_dir(cwd);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let foreign = ["TF_", "DOKPLOY_", "DOKPLAN_"]
                .iter()
                .any(|it| text.starts_with(it));
            if foreign || ["COLUMNS", "NO_COLOR", "CLICOLOR", "CI"].contains(&&*text) {
                command.env_remove(&name);
            }
        }
        command.envs([
            ("TF_CLI_CONFIG_FILE", "/dev/null"),
            ("CHECKPOINT_DISABLE", "1"),
            ("LC_ALL", "C.UTF-8"),
            ("TZ", "UTC"),
            ("HOME", "/root-none"),
        ]);
        Run {
            command,
            stdin: String::new(),
        }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Run {
        self.command.env(name, value);
        self
    }

    pub(crate) fn envs(mut self, vars: &BTreeMap<String, String>) -> Run {
        self.command.envs(vars);
        self
    }

    pub(crate) fn stdin(mut self, text: &str) -> Run {
        text.clone_into(&mut self.stdin);
        self
    }

    /// Starts it without waiting.
    pub(crate) fn spawn(mut self) -> Running {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let text = std::mem::take(&mut self.stdin);
        // A child that reads nothing closes the pipe, which is no mistake of the test.
        std::thread::spawn(move || _ = stdin.write_all(text.as_bytes()));
        Running { child }
    }

    /// Runs it to its end.
    pub(crate) fn done(self) -> Output {
        self.spawn().wait()
    }

    /// Runs it to its end, which must be success.
    pub(crate) fn ok(self) -> Output {
        self.exits(0)
    }

    /// Runs it to its end, which must be this exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Output {
        let output = self.done();
        assert_eq!(output.code, code, "{}", output.all());
        output
    }
}

/// A process under way.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal)
            .unwrap();
    }

    /// Waits for its end. One that hangs is killed after a minute, so that the other tests still end.
    pub(crate) fn wait(self) -> Output {
        let pid = rustix::process::Pid::from_child(&self.child);
        let (ended, end) = mpsc::channel::<()>();
        let watch = std::thread::spawn(move || {
            let late =
                end.recv_timeout(Duration::from_secs(60)) == Err(mpsc::RecvTimeoutError::Timeout);
            if late {
                _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
            late
        });
        let output = self.child.wait_with_output().unwrap();
        drop(ended);
        let late = watch.join().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: if late {
                "it did not end within a minute".to_owned()
            } else {
                text(&output.stderr)
            },
        }
    }
}

/// How a run ended.
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// All that it printed.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// A pretend Dokploy that answers over HTTP.
pub(crate) struct Server {
    pub(crate) sim: Sim,
    pub(crate) address: String,
    _handle: dokploy_sim::server::Handle,
    runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(crate) fn new(settings: Settings) -> Server {
        Server::on(
            std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
            settings,
        )
    }

    pub(crate) fn on(listener: std::net::TcpListener, settings: Settings) -> Server {
        let sim = Sim::new(settings);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let handle = runtime
            .block_on(dokploy_sim::server::serve(sim.clone(), listener))
            .unwrap();
        Server {
            sim,
            address: handle.address.to_string(),
            _handle: handle,
            runtime,
        }
    }

    /// Sends a request without a network.
    pub(crate) fn send(&self, request: dokploy_sim::Request) -> dokploy_sim::Response {
        self.runtime.block_on(self.sim.handle(request)).unwrap()
    }
}
