//! `sandbox`: the embedded Dokploy.

use dokploy_sim::Version;

use crate::args::SandboxCommand;
use crate::exit::{Exit, Outcome, Reported};
use crate::sandbox::{KEY, path};
use crate::session::Session;

/// Serves it, shows it, or empties it.
pub(crate) async fn sandbox(_session: &Session, command: SandboxCommand) -> Outcome {
    match command {
        SandboxCommand::Serve { port, version } => serve(port, &version).await,
        SandboxCommand::Show => {
            let sandbox = open(Version::V0_30_2)?;
            crate::ui::out(&format!("{:#}\n", sandbox.sim().objects()));
            Ok(Exit::Success)
        }
        SandboxCommand::Reset => {
            let journal = path().with_extension("json.journal");
            for file in [path(), journal] {
                match std::fs::remove_file(&file) {
                    Ok(()) => {}
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => {
                        return fail(&format!("{} cannot be removed: {error}.", file.display()));
                    }
                }
            }
            Ok(Exit::Success)
        }
    }
}

fn fail<T>(reason: &str) -> Result<T, Reported> {
    crate::ui::err(&format!("Error: {reason}\n"));
    Err(Reported)
}

fn open(version: Version) -> Result<dokploy_sim::persist::Sandbox, Reported> {
    crate::sandbox::open(version)
        .or_else(|reason| fail(&format!("The sandbox cannot be opened: {reason}.")))
}

async fn serve(port: u16, version: &str) -> Outcome {
    let version: Version = match version.parse() {
        Ok(version) => version,
        Err(error) => return fail(&format!("{error}.")),
    };
    let sandbox = open(version)?;
    let listener = match std::net::TcpListener::bind(("127.0.0.1", port)) {
        Ok(listener) => listener,
        Err(error) => {
            return fail(&format!(
                "Port {port} on 127.0.0.1 cannot be used: {error}. Choose another with -port."
            ));
        }
    };
    let address = listener
        .local_addr()
        .map_or_else(|_| format!("127.0.0.1:{port}"), |it| it.to_string());
    let mut handle = match dokploy_sim::server::serve(sandbox.sim(), listener).await {
        Ok(handle) => handle,
        Err(error) => return fail(&format!("{error}.")),
    };
    crate::ui::out(&format!(
        "A pretend Dokploy {version} answers at http://{address}/api with the key \"{KEY}\". Use it from a configuration:\n\n  export DOKPLOY_HOST=http://{address}\n  export DOKPLOY_API_KEY={KEY}\n\nCtrl-C ends it; its content stays in {}.\n",
        path().display()
    ));
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = handle.wait() => {}
    }
    match sandbox.close() {
        Ok(()) => Ok(Exit::Success),
        Err(error) => fail(&format!("The sandbox cannot be saved: {error}.")),
    }
}
