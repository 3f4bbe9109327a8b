//! The provisioner `local-exec`: a command on this machine.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, LazyLock};

use engine::{ProvisionRequest, Provisioners};
use provider::{Answer, Attribute, Block};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe::Receiver;
use tokio::process::Command;
use value::{Type, Value};

/// Runs commands.
pub(crate) struct LocalExec;

static SCHEMA: LazyLock<Arc<Block>> = LazyLock::new(|| {
    let attributes = [
        ("command", Attribute::of(Type::String).required()),
        (
            "interpreter",
            Attribute::of(Type::list(Type::String)).optional(),
        ),
        ("working_dir", Attribute::of(Type::String).optional()),
        (
            "environment",
            Attribute::of(Type::map(Type::String)).optional(),
        ),
        ("quiet", Attribute::of(Type::Bool).optional()),
    ];
    Arc::new(Block {
        attributes: attributes
            .into_iter()
            .map(|(name, it)| (name.into(), it))
            .collect(),
        ..Block::default()
    })
});

impl Provisioners for LocalExec {
    fn schema(&self, kind: &str) -> Option<Arc<Block>> {
        (kind == "local-exec").then(|| SCHEMA.clone())
    }

    fn run(&self, request: ProvisionRequest) -> Answer<'static, Result<(), String>> {
        Box::pin(run(request))
    }
}

async fn run(request: ProvisionRequest) -> Result<(), String> {
    if crate::restricted::is_on() {
        return Err("With -restricted no command is run.".to_owned());
    }
    let text = |name: &str| {
        let found = request.config.get(name)?;
        found.as_str().map(str::to_owned)
    };
    let command = text("command").filter(|it| !it.is_empty());
    let Some(command) = command else {
        return Err("The argument command is empty. Give the command to run.".to_owned());
    };
    let texts = |it: &Value| -> Vec<String> {
        it.elements()
            .unwrap_or_default()
            .iter()
            .filter_map(|it| it.as_str().map(str::to_owned))
            .collect()
    };
    let interpreter = request
        .config
        .get("interpreter")
        .map(|it| texts(&it))
        .unwrap_or_default();
    let mut words = if interpreter.is_empty() {
        vec!["/bin/sh".to_owned(), "-c".to_owned()]
    } else {
        interpreter
    };
    words.push(command.clone());
    let environment: BTreeMap<String, String> = request
        .config
        .get("environment")
        .and_then(|it| {
            let entries = it.entries()?;
            Some(
                entries
                    .iter()
                    .filter_map(|(name, it)| Some((name.to_string(), it.as_str()?.to_owned())))
                    .collect(),
            )
        })
        .unwrap_or_default();
    let quiet = request
        .config
        .get("quiet")
        .and_then(|it| it.as_bool())
        .unwrap_or(false);
    if quiet {
        (request.output)("local-exec: Executing: Suppressed by quiet=true".to_owned());
    } else {
        let quoted: Vec<String> = words.iter().map(|it| format!("{it:?}")).collect();
        (request.output)(format!("Executing: [{}]", quoted.join(" ")));
    }
    let Some((program, arguments)) = words.split_first() else {
        return Ok(());
    };
    // One pipe for both, so that lines keep their order.
    let started = |err: std::io::Error| format!("The command could not be started: {err}.");
    let (reader, writer) = std::io::pipe().map_err(started)?;
    let other_writer = writer.try_clone().map_err(started)?;
    let reader = Receiver::from_owned_fd(reader.into()).map_err(started)?;
    let mut process = Command::new(program);
    process
        .args(arguments)
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(other_writer)
        .kill_on_drop(true);
    if let Some(directory) = text("working_dir") {
        process.current_dir(directory);
    }
    let mut child = process.spawn().map_err(started)?;
    // What is left open here would keep the pipe from ending.
    drop(process);
    let seen = std::sync::Mutex::new(String::new());
    let say = |line: String| {
        if let Ok(mut seen) = seen.lock() {
            seen.push_str(&line);
            seen.push('\n');
        }
        (request.output)(line);
    };
    let ((), status) = tokio::join!(lines(reader, &say), child.wait());
    let status = status.map_err(|err| format!("The command could not be waited for: {err}."))?;
    if status.success() {
        return Ok(());
    }
    let how = status.code().map_or_else(
        || "was ended by a signal".to_owned(),
        |code| format!("ended with the exit code {code}"),
    );
    let output = seen.lock().map(|it| it.clone()).unwrap_or_default();
    Err(format!(
        "The command {how}: {command}\n\nWhat it said:\n{output}"
    ))
}

async fn lines(from: Receiver, say: &impl Fn(String)) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                say(text.trim_end_matches(['\n', '\r']).to_owned());
            }
        }
    }
}
