//! A terminal session: the prompt, `yes`, Ctrl-C once and twice, typed on a pseudo terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dokploy_sim::{Effect, Fault, Settings, Version};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value as Json;

use crate::support::{BIN, Dir, Server};

/// Not a test: the process between a test and dokplan, which makes the terminal its own, so that Ctrl-C is a signal.
#[test]
#[ignore = "the process on the terminal, started by the tests here"]
fn on_the_terminal() {
    let Ok(args) = std::env::var("ON_THE_TERMINAL") else {
        return;
    };
    rustix::process::setsid().unwrap();
    rustix::process::ioctl_tiocsctty(rustix::stdio::stdin()).unwrap();
    let error = Command::new(BIN).args(args.split(' ')).exec();
    panic!("{error}");
}

/// dokplan on a terminal.
struct Session {
    child: Child,
    terminal: File,
    said: Arc<Mutex<String>>,
}

impl Session {
    fn new(dir: &Dir, server: &Server, args: &str) -> Session {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let name = std::ffi::OsStr::from_bytes(name.as_bytes());
        let slave = || {
            let file = File::options().read(true).write(true).open(name);
            Stdio::from(file.unwrap())
        };
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "terminal::on_the_terminal",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .current_dir(dir.path())
            .env("ON_THE_TERMINAL", args)
            .env("TERM", "xterm-256color")
            .env("DOKPLOY_HOST", format!("http://{}", server.address))
            .env("DOKPLOY_API_KEY", "test-key")
            .env_remove("NO_COLOR")
            .env_remove("CI")
            .stdin(slave())
            .stdout(slave())
            .stderr(slave())
            .spawn()
            .unwrap();
        let terminal = File::from(master);
        let said = Arc::new(Mutex::new(String::new()));
        let (mut reader, heard) = (terminal.try_clone().unwrap(), said.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The other end is closed when dokplan has ended, which reads as an error.
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                heard
                    .lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&bytes[..n]));
            }
        });
        Session {
            child,
            terminal,
            said,
        }
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until something is on the screen.
    fn wait_for(&self, what: &str) {
        self.wait_until(|| self.said().contains(what), what);
    }

    /// Waits until something is so.
    fn wait_until(&self, is_so: impl Fn() -> bool, what: &str) {
        wait_until(is_so, || format!("{what} does not come: {}", self.said()));
    }

    fn press(&mut self, keys: &str) {
        self.terminal.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end; gives the exit code and all that was said.
    fn end(mut self) -> (i32, String) {
        let status = self.child.wait().unwrap();
        // What was written last may be on its way to the reader.
        std::thread::sleep(Duration::from_millis(50));
        (status.code().unwrap_or(-1), self.said())
    }
}

/// Waits until something is so, half a minute at most.
fn wait_until(is_so: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    for _ in 0..3000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{}", otherwise());
}

const THREE: &str = r#"
resource "dokploy_registry" "r" {
  count         = 3
  registry_name = "r${count.index}"
  registry_url  = "ghcr.io"
  username      = "u"
  password      = "p"
  image_prefix  = ""
}
"#;

fn server() -> Server {
    Server::new(Settings {
        tick: 1,
        ..Settings::for_tests(Version::V0_30_2)
    })
}

fn remembered(dir: &Dir) -> usize {
    let state: Json = serde_json::from_str(&dir.read("terraform.tfstate")).unwrap();
    state["resources"][0]["instances"]
        .as_array()
        .map_or(0, Vec::len)
}

#[test]
fn yes_applies_and_anything_else_does_not() {
    let (server, dir) = (server(), Dir::with(&[("main.tf", THREE)]));
    let mut session = Session::new(&dir, &server, "apply");
    session.wait_for("Enter a value");
    session.press("y\n");
    let (code, said) = session.end();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("Apply cancelled"), "{said}");
    assert!(server.sim.rows("registry").is_empty());

    let mut session = Session::new(&dir, &server, "apply");
    session.wait_for("Enter a value");
    session.press("yes\n");
    let (code, said) = session.end();
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("Apply complete! Resources: 3 added"),
        "{said}"
    );
    // A terminal has colours.
    assert!(said.contains("\u{1b}["), "{said}");
    assert_eq!(
        (server.sim.rows("registry").len(), remembered(&dir)),
        (3, 3)
    );
}

#[test]
fn the_first_ctrl_c_lets_what_is_in_flight_finish() {
    let (server, dir) = (server(), Dir::with(&[("main.tf", THREE)]));
    server
        .sim
        .inject(Fault::always("registry.create", Effect::DelayMs(700)));
    let mut session = Session::new(&dir, &server, "apply -auto-approve -parallelism=1");
    session.wait_for("Creating...");
    session.press("\u{3}");
    let (code, said) = session.end();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("Interrupt received"), "{said}");
    assert!(said.contains("Stopped as asked"), "{said}");
    assert_eq!(
        (server.sim.rows("registry").len(), remembered(&dir)),
        (1, 1)
    );
    // The lock is free, and what is left is done by the next apply.
    server.sim.heal();
    let (code, said) = Session::new(&dir, &server, "apply -auto-approve").end();
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        (server.sim.rows("registry").len(), remembered(&dir)),
        (3, 3)
    );
}

#[test]
fn the_second_ctrl_c_ends_at_once_and_loses_nothing() {
    let (server, dir) = (server(), Dir::with(&[("main.tf", THREE)]));
    server
        .sim
        .inject(Fault::always("registry.create", Effect::DelayMs(1500)));
    let mut session = Session::new(&dir, &server, "apply -auto-approve -parallelism=1");
    session.wait_for("Creating...");
    // What has not left yet is not sent any more.
    let is_on_its_way = || {
        let calls = server.sim.calls();
        calls.iter().any(|it| it.procedure == "registry.create")
    };
    session.wait_until(is_on_its_way, "the request");
    session.press("\u{3}");
    session.wait_for("Interrupt again");
    session.press("\u{3}");
    let (code, said) = session.end();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("Stopping at once"), "{said}");
    assert!(server.sim.rows("registry").is_empty(), "it did not wait");
    // Dokploy carries it out all the same.
    let is_there = || !server.sim.rows("registry").is_empty();
    wait_until(is_there, || "the object does not come".to_owned());
    server.sim.heal();
    let (code, said) = Session::new(&dir, &server, "apply -auto-approve").end();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("was made (id "), "{said}");
    assert_eq!(
        (server.sim.rows("registry").len(), remembered(&dir)),
        (3, 3)
    );
}
