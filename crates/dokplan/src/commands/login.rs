//! `login` and `logout`: keeps the API key of a Dokploy for its host, so that it stands in no file of the configuration.
//!
//! Nothing is asked of the host: Dokploy makes API keys on its page of the profile, and this only stores one.

use std::io::IsTerminal as _;

use diag::Diagnostic;

use crate::args::{LoginArgs, LogoutArgs};
use crate::credentials::{self, Credentials};
use crate::exit::{Exit, Outcome, Reported};
use crate::session::Session;
use crate::ui;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const HOST: Code = Code::new(
        "login-host",
        "Invalid hostname",
        "`login` and `logout` are told for which host: dokploy.example.com, localhost:3000, or a URL. Without one, it is that of DOKPLOY_HOST.",
    );
    /// See [`Code`].
    pub(crate) const TOKEN: Code = Code::new(
        "login-token",
        "Invalid token",
        "A token is one line of printable ASCII, as Dokploy shows it once. On a terminal it is asked for; elsewhere it comes on standard input.",
    );
    /// See [`Code`].
    pub(crate) const STORE: Code = Code::new(
        "credentials-file",
        "Failed to access the credentials file",
        "The file ~/.terraform.d/credentials.tfrc.json holds tokens by host, as Terraform keeps them. It cannot be read or written.",
    );
}

/// Stores a token for a host.
pub(crate) fn login(session: &mut Session, args: &LoginArgs) -> Outcome {
    session.set_style(&args.color);
    let host = host(session, args.hostname.as_deref())?;
    let mut credentials = open(session)?;
    let token = if std::io::stdin().is_terminal() {
        ui::out(&format!(
            "The token for {host} will be stored in clear, readable by you alone, in:\n  {}\n\nDokploy makes API keys on the page of your profile.\n\nToken (it is not shown): ",
            credentials.path.display()
        ));
        let answer = ui::secret_answer();
        ui::out("\n");
        answer
    } else {
        let mut text = String::new();
        match std::io::Read::read_to_string(&mut std::io::stdin(), &mut text) {
            Ok(_) => Some(text),
            Err(_) => None,
        }
    };
    let token = token.as_deref().map(str::trim).unwrap_or_default();
    if token.is_empty() {
        return session.fail(Diagnostic::error(
            &code::TOKEN,
            format!("No token was given for {host}, so that nothing is stored. Type it when asked, or give it on standard input."),
        ));
    }
    if !token.chars().all(|it| it.is_ascii_graphic()) {
        return session.fail(Diagnostic::error(
            &code::TOKEN,
            "What was given holds spaces, line breaks or characters that are not ASCII, so that it cannot be a token. Copy it again.",
        ));
    }
    if let Err(reason) = credentials.set(&host, Some(token)) {
        return session.fail(Diagnostic::error(&code::STORE, reason));
    }
    ui::out(&format!(
        "\n{} The token for {host} is stored.\n",
        session.style.bold_green("Success!")
    ));
    Ok(Exit::Success)
}

/// Takes the token for a host away.
pub(crate) fn logout(session: &mut Session, args: &LogoutArgs) -> Outcome {
    session.set_style(&args.color);
    let host = host(session, args.hostname.as_deref())?;
    let mut credentials = open(session)?;
    if !credentials.tokens().contains_key(&host) {
        ui::out(&format!("No credentials for {host} are stored.\n"));
        return Ok(Exit::Success);
    }
    if let Err(reason) = credentials.set(&host, None) {
        return session.fail(Diagnostic::error(&code::STORE, reason));
    }
    ui::out(&format!(
        "{} The token for {host} is no longer stored here. Dokploy still takes it until it is deleted there.\n",
        session.style.bold_green("Success!")
    ));
    Ok(Exit::Success)
}

fn open(session: &Session) -> Result<Credentials, Reported> {
    Credentials::read(session)
        .or_else(|reason| session.fail(Diagnostic::error(&code::STORE, reason)))
}

fn host(session: &Session, given: Option<&str>) -> Result<String, Reported> {
    let Some(text) = given.or_else(|| session.var("DOKPLOY_HOST")) else {
        return session.fail(Diagnostic::error(
            &code::HOST,
            "For which host is not said, and DOKPLOY_HOST is not set. Name the host of your Dokploy: dokplan login dokploy.example.com.",
        ));
    };
    credentials::host(text).map_or_else(
        || {
            session.fail(Diagnostic::error(
                &code::HOST,
                format!("{text:?} is no host. It is written like dokploy.example.com, localhost:3000, or as a URL."),
            ))
        },
        Ok,
    )
}
