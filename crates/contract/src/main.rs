//! `contract --openapi FILE`: compares rows and simulator with a description of Dokploy's API. `cargo xtask contract`
//! runs it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool for developers that reads a file and prints"
)]

use std::path::Path;
use std::process::ExitCode;

use contract::{Document, Question, check};
use dokploy::version::Version;

const USAGE: &str = "usage: cargo xtask contract --openapi FILE [--dokploy VERSION] [--only ROUTER]... [-json]

  --openapi FILE      the OpenAPI document: what a Dokploy answers to GET /api/settings.getOpenApiDocument
  --dokploy VERSION   the version that it describes, such as v0.30.2; else what its info.version says, or its file's name
  --only ROUTER       look at this router only; may be said several times
  -json               one object of JSON instead of lines

Exit codes: 0 nothing differs, 1 something does, 2 the document cannot be read.
";

struct Args {
    openapi: String,
    version: Option<String>,
    routers: Vec<String>,
    json: bool,
}

fn main() -> ExitCode {
    let Some(args) = args(std::env::args().skip(1)) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{}: {error}", args.openapi);
            ExitCode::from(2)
        }
    }
}

fn args(mut given: impl Iterator<Item = String>) -> Option<Args> {
    let mut res = Args {
        openapi: String::new(),
        version: None,
        routers: Vec::new(),
        json: false,
    };
    while let Some(arg) = given.next() {
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        let name = name.trim_start_matches('-').to_owned();
        if name == "json" {
            res.json = true;
            continue;
        }
        let value = value.or_else(|| given.next())?;
        match name.as_str() {
            "openapi" => res.openapi = value,
            "dokploy" => res.version = Some(value),
            "only" => res.routers.push(value),
            _ => return None,
        }
    }
    (!res.openapi.is_empty()).then_some(res)
}

/// Whether nothing differs.
fn run(args: &Args) -> Result<bool, String> {
    let text = std::fs::read_to_string(&args.openapi).map_err(|it| it.to_string())?;
    let document = Document::parse(&text).map_err(|it| it.to_string())?;
    let version = version(args, &document)?;
    let question = Question {
        version,
        routers: args.routers.clone(),
    };
    let report = check(&document, &question);
    if args.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
    Ok(report.is_clean())
}

/// The version that is described. The documents in Dokploy's repository all say 1.0.0, which is none of Dokploy's.
fn version(args: &Args, document: &Document) -> Result<Version, String> {
    if let Some(text) = &args.version {
        let wrong = || format!("\"{text}\" is no version of Dokploy: write it as v0.30.2");
        return Version::parse(text).ok_or_else(wrong);
    }
    let said = Some(document.version.as_str()).filter(|it| *it != "1.0.0");
    let name = Path::new(&args.openapi).file_name();
    let name = name.map(|it| it.to_string_lossy().into_owned());
    let named = name
        .as_deref()
        .and_then(|it| it.find("v0.").and_then(|at| it.get(at..)));
    said.and_then(Version::parse)
        .or_else(|| named.and_then(Version::parse))
        .ok_or_else(|| {
            "neither its info.version nor its name says which Dokploy it describes: say it with --dokploy v0.30.2".to_owned()
        })
}
